package main

import (
	"context"
	"fmt"
	"time"

	"contacts/pkg/accounts"
	"contacts/pkg/auth"
	"contacts/pkg/auth/password"
	"contacts/pkg/contact"
	"contacts/pkg/store"
	"contacts/tools/runtime"
)

// Sizes are measurements of functions with the CPU shares of Lambda's memory sizes.
type sizes struct {
	missing string // why nothing was measured, or ""
	all     []*size
}

// A size is a memory size of Lambda.
type size struct {
	megabytes int
	cpus      float64 // the CPU share of the size

	quota *runtime.Quota
	of    map[string]*sized // by function
}

// A sized function has the measurements of a function at a size.
type sized struct {
	start, first series // ms: to the first call of /next, and then of the first request
	peak         int64  // bytes, the most of all rounds
	times        map[string]series
}

// A load is the requests to one function at each size.
type load struct {
	function string
	rounds   int // at most
	tasks    []task
}

// A task is one kind of request. The first one of a load is also the first request of a process.
type task struct {
	name  string
	block int // consecutive requests in a round
	event func(ctx context.Context) ([]byte, error)
}

const (
	authorizing    = "auth"
	imageProcessor = "imageprocessor"
	logIn          = "login"
	picture        = "picture of 12 megapixels"
	// pictureRounds is the most rounds of pictures: one takes 20 s at the smallest size.
	pictureRounds = 3
)

// measureSizes runs functions with the CPU share of each size in turns. It needs the tenant of fill.
func (s *stage) measureSizes(ctx context.Context, r *report) error {
	r.sizes = &sizes{}
	for _, z := range []size{{megabytes: 128, cpus: 0.07}, {megabytes: 256, cpus: 0.15}, {megabytes: 512, cpus: 0.3},
		{megabytes: 1024, cpus: 0.6}, {megabytes: 1769, cpus: 1}} {
		var err error
		if z.quota, err = runtime.NewQuota(z.cpus); err != nil {
			r.sizes = &sizes{missing: "not measured: " + err.Error()}
			return nil
		}
		defer z.quota.Close()
		z.of = map[string]*sized{}
		r.sizes.all = append(r.sizes.all, &z)
	}
	loads, end, err := s.loads(ctx)
	if err != nil {
		return err
	}
	defer end()
	for _, l := range loads {
		progress("asking %s within each size", l.function)
		for round := range min(s.rounds, l.rounds) {
			if err := inTurns(round, len(r.sizes.all), func(i int) error { return s.measureSize(ctx, r.sizes.all[i], l) }); err != nil {
				return fmt.Errorf("%s: %w", l.function, err)
			}
		}
	}
	return nil
}

// loads returns the loads of all functions. end releases their resources.
func (s *stage) loads(ctx context.Context) (_ []load, end func(), err error) {
	first, err := s.firstContact(ctx)
	if err != nil {
		return nil, nil, err
	}
	logInEvent, err := s.logInEvent(ctx)
	if err != nil {
		return nil, nil, err
	}
	pictures, err := s.startPictures(ctx)
	if err != nil {
		return nil, nil, err
	}
	same := func(event []byte) func(context.Context) ([]byte, error) {
		return func(context.Context) ([]byte, error) { return event, nil }
	}
	made := 0
	create := func(context.Context) ([]byte, error) {
		made++
		return s.post(org, "/individual", map[string]string{"external_id": fmt.Sprintf("sized-%d", made), "name": fullName(made)}), nil
	}
	return []load{
		{individuals, s.rounds, []task{
			{getContact, 40, same(first)}, {createContact, 25, create}, {list200, 8, same(s.get("/individual", "limit=200"))},
			{list5000, 2, same(s.get("/individual", "limit=5000"))},
		}},
		{authorizing, s.rounds, []task{{logIn, 2, same(logInEvent)}}},
		{imageProcessor, pictureRounds, []task{{picture, 1, pictures.add}}},
	}, pictures.stop, nil
}

// measureSize starts a function at a size and measures its tasks.
func (s *stage) measureSize(ctx context.Context, z *size, l load) error {
	got := z.of[l.function]
	if got == nil {
		got = &sized{times: map[string]series{}}
		z.of[l.function] = got
	}
	p, err := runtime.Start(ctx, runtime.Options{Binary: s.binary(l.function), Env: s.environment, Timeout: 2 * time.Minute, Quota: z.quota})
	if err != nil {
		return err
	}
	defer p.Stop()
	got.start = append(got.start, milliseconds(p.StartUp()))
	for n, task := range l.tasks {
		for i := range task.block {
			event, err := task.event(ctx)
			if err != nil {
				return err
			}
			took, err := s.timed(ctx, p, l.function, event)
			if err != nil {
				return err
			}
			if n == 0 && i == 0 {
				got.first = append(got.first, took)
			}
			if n > 0 || i > 0 || task.block == 1 {
				got.times[task.name] = append(got.times[task.name], took)
			}
		}
	}
	u, err := p.Usage()
	got.peak = max(got.peak, u.Peak)
	return err
}

// timed sends an event to a function and returns the duration in ms. The image processor's answer is empty.
func (s *stage) timed(ctx context.Context, p *runtime.Process, function string, event []byte) (float64, error) {
	if function == imageProcessor {
		a, err := p.Invoke(ctx, event)
		return milliseconds(a.Took), err
	}
	_, took, err := ask(ctx, p, event)
	return milliseconds(took), err
}

// firstContact returns the event that reads the first contact of the tenant.
func (s *stage) firstContact(ctx context.Context) ([]byte, error) {
	page, err := store.Individuals(s.database.Store).Page(ctx, org, contact.Query{Limit: 1})
	if err != nil {
		return nil, err
	}
	if len(page.Rows) == 0 {
		return nil, fmt.Errorf("organization %s has no contacts", org)
	}
	return s.get("/individual/"+page.Rows[0].ID.String(), ""), nil
}

// logInEvent adds a user, and returns the event that logs the user in.
func (s *stage) logInEvent(ctx context.Context) ([]byte, error) {
	const name, secret = "bench-user", "correct horse battery staple"
	hash, err := password.Hash(secret)
	if err != nil {
		return nil, err
	}
	if err := s.database.AddUser(ctx, accounts.User{Name: name, Organization: org, PasswordHash: hash, Scopes: auth.PlainScopes()}); err != nil {
		return nil, err
	}
	return s.sample.event(request{method: "POST", path: "/rest/login", body: string(marshal(map[string]string{"username": name, "password": secret}))}), nil
}
