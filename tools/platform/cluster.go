package platform

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"contacts/pkg/local"
	"contacts/tools/simulator"
)

// The table and the bucket of `contacts serve`.
const (
	table  = "contacts-local"
	bucket = "contacts-local"
)

// A Cluster is several processes of the platform with one bucket and one engine, which they reach through the simulator. Pictures stay
// PROCESSING, because only a process's own S3 server sends events.
type Cluster struct {
	Processes []*Platform
	Simulator *simulator.Simulator
	engine    *local.Engine
	objects   *local.Objects
	folder    string
	binary    string
}

// ClusterOptions configure a cluster.
type ClusterOptions struct {
	Binary    string
	Processes int
	Orgs      []string
	Simulator simulator.Options // Engine is set
}

// StartCluster starts a cluster on an engine in memory, and returns when all processes answer.
func StartCluster(ctx context.Context, o ClusterOptions) (c *Cluster, err error) {
	c = &Cluster{binary: o.Binary}
	defer func() {
		if err != nil {
			c.Stop(context.WithoutCancel(ctx))
		}
	}()
	if c.folder, err = os.MkdirTemp("", "contacts-cluster-"); err != nil {
		return c, err
	}
	if c.engine, err = local.StartEngine(ctx, local.EngineOptions{}); err != nil {
		return c, err
	}
	if c.objects, err = local.StartObjects(ctx, local.ObjectsOptions{Bucket: bucket, Keys: map[string]string{"local": "local"}}); err != nil {
		return c, err
	}
	o.Simulator.Engine = c.engine.Endpoint()
	if c.Simulator, err = simulator.Start(o.Simulator); err != nil {
		return c, err
	}
	for i := range o.Processes {
		data := filepath.Join(c.folder, fmt.Sprint("data-", i))
		if err := c.introduce(data); err != nil {
			return c, err
		}
		p := New(Options{Binary: o.Binary, Data: data, Ready: filepath.Join(c.folder, fmt.Sprint("ready-", i)), Orgs: o.Orgs,
			Env: c.environment(c.Simulator.Endpoint())})
		c.Processes = append(c.Processes, p)
		if err := p.Start(ctx); err != nil {
			return c, err
		}
	}
	return c, nil
}

// introduce creates the data folder of a process. All have the secrets of the first, so they sign with the same key.
func (c *Cluster) introduce(data string) error {
	if err := os.Mkdir(data, 0o700); err != nil || len(c.Processes) == 0 {
		return err
	}
	const secrets = "secrets.json"
	text, err := os.ReadFile(filepath.Join(c.folder, "data-0", secrets))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(data, secrets), text, 0o600)
}

// environment returns the environment of a command that uses the table at an address.
func (c *Cluster) environment(dynamoDB string) []string {
	return []string{"AWS_ENDPOINT_URL_DYNAMODB=" + dynamoDB, "AWS_ENDPOINT_URL_S3=" + c.objects.Endpoint(),
		"AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local"}
}

// Check runs `contacts check` on the engine itself and returns its output. The error is for findings.
func (c *Cluster) Check(ctx context.Context) (string, error) {
	command := exec.CommandContext(ctx, c.binary, "check", "--table", table, "--bucket", bucket)
	command.Env = append(os.Environ(), c.environment(c.engine.Endpoint())...)
	out, err := command.CombinedOutput()
	return string(out), err
}

// Stop ends all processes and removes their data.
func (c *Cluster) Stop(ctx context.Context) {
	for _, p := range c.Processes {
		p.Kill()
	}
	if c.Simulator != nil {
		_ = c.Simulator.Close()
	}
	if c.objects != nil {
		c.objects.Stop(ctx)
	}
	if c.engine != nil {
		c.engine.Stop()
	}
	_ = os.RemoveAll(c.folder)
}
