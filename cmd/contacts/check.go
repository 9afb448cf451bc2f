package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/smithy-go"
	"github.com/spf13/cobra"

	"contacts/pkg/contact"
	"contacts/pkg/fsck"
	"contacts/pkg/image/bucket"
	"contacts/pkg/store"
	"contacts/pkg/wiring"
)

func check(out io.Writer) *cobra.Command {
	a := &administration{out: out}
	var org string
	var repair, yes bool
	c := command("check [--org ORG] [--repair [--yes]]", "Find contradictions in the table and the bucket, and repair them", noArgs, func(ctx context.Context, _ []string) error {
		if yes && !repair {
			return errors.New("--yes goes with --repair")
		}
		return a.check(ctx, org, repair, yes)
	})
	c.Long = `Find contradictions in the table and the bucket: whether lookup entries, unique values, references, counters and derived fields
follow from the records, and whether the bucket has the objects of all images, and no others.

Each item is read once, and compared with those that it must agree with. A contradiction is read again before it is reported,
so concurrent changes are no findings. An organization that is being restored is not checked: it is incomplete.

--repair shows what a repair of each finding would do, or what you have to do, and changes nothing. With --yes each repair is a
transaction that changes nothing if the records have changed meanwhile; then the table is checked again, for findings that a
repair reveals. Findings that need a decision remain.

--json prints one finding per line: kind, org, key, detail, repair, automatic (whether a repair is possible), repaired, and refused (why
it was not possible); then a line with the totals. Exit codes: 0 nothing found, or everything repaired; 1 findings remain; 2 the
check failed.`
	c.Example = "  contacts check --org acme --table $TABLE --bucket $BUCKET\n  contacts check --data .data --repair --yes"
	c.Flags().StringVar(&org, "org", "", "check one `organization` (default all)")
	c.Flags().BoolVar(&repair, "repair", false, "show what can be repaired")
	c.Flags().BoolVar(&yes, "yes", false, "with --repair: repair it")
	a.tableFlags(c.Flags())
	a.bucketFlags(c.Flags())
	return c
}

// maxPasses bounds the passes of one repair: a repair can reveal further findings, a few levels deep.
const maxPasses = 10

func (a *administration) check(ctx context.Context, org string, repair, yes bool) error {
	t, err := a.open(ctx)
	if err != nil {
		return err
	}
	if org != "" {
		if _, err := organization(ctx, t, org); err != nil {
			return err
		}
	}
	var objects *bucket.Bucket
	if a.bucket != "" || a.data != "" {
		if objects, err = a.openBucket(ctx); err != nil {
			return err
		}
	}
	s, err := survey{database: t, objects: objects, org: org, repair: yes}.run(ctx, func(r result) error { return a.print(r, repair) })
	if err != nil {
		return err
	}
	return a.conclude(s, objects != nil)
}

// A survey is a check with all its passes.
type survey struct {
	database  *wiring.Database
	objects   *bucket.Bucket // nil to check the table only
	org       string         // "" for all
	repair    bool           // repair what can be repaired
	restoring bool           // the survey completes a restore
}

// A summary is the result of a survey.
type summary struct {
	counts         map[string]int64
	repaired, left int
}

// run checks everything, and again after repairs. It prints what was repaired, and what remains.
func (s survey) run(ctx context.Context, report func(result) error) (sum summary, err error) {
	for pass := 1; ; pass++ {
		found, counts, err := s.pass(ctx)
		if ctx.Err() != nil {
			return sum, errors.New("the check is incomplete: it was interrupted")
		}
		if err != nil {
			return sum, fmt.Errorf("the check is incomplete: %w", explain(err))
		}
		again := false
		var left []result
		for _, f := range found {
			r := result{Finding: f, Automatic: f.Fix != nil}
			if s.repair && r.Automatic && pass < maxPasses {
				outdated, err := r.repairFinding(ctx)
				if err != nil {
					return sum, err
				}
				again = again || outdated || r.Repaired
			}
			if !r.Repaired {
				left = append(left, r)
				continue
			}
			sum.repaired++
			if err := report(r); err != nil {
				return sum, err
			}
		}
		if again {
			continue
		}
		sum.counts, sum.left = counts, len(left)
		for _, r := range left {
			if err := report(r); err != nil {
				return sum, err
			}
		}
		return sum, nil
	}
}

// repairFinding repairs a finding, unless it has changed or is blocked. Its error means that no repair is possible now: the store or
// the bucket is unavailable, or refuses access.
func (r *result) repairFinding(ctx context.Context) (outdated bool, err error) {
	err = r.Fix(ctx)
	var refused *contact.Error
	switch {
	case err == nil:
		r.Repaired = true
	case errors.Is(err, fsck.ErrOutdated):
		return true, nil
	case errors.As(err, &refused) && refused.Reason != contact.Unavailable:
		r.Refused = refused.Detail
	case ctx.Err() != nil, errors.As(err, &refused), errors.As(err, new(smithy.APIError)):
		return false, fmt.Errorf("%s can't be repaired: %w; run the same command again to continue", r.Key, explain(err))
	default: // one failed repair doesn't prevent the others
		r.Refused = err.Error()
	}
	return false, nil
}

// pass checks everything once.
func (s survey) pass(ctx context.Context) ([]fsck.Finding, map[string]int64, error) {
	var found []fsck.Finding
	report := func(f fsck.Finding) { found = append(found, f) }
	c := fsck.NewCheck(s.database.Store, time.Now, s.org, report)
	c.Restoring = s.restoring
	bar := progress("items checked", -1)
	c.Progress = func(n int64) { _ = bar.Set64(n) } // an error of the progress bar is harmless
	listed := int64(0)
	var err error
	if s.objects != nil {
		images := fsck.NewObjects(s.objects, store.ImagesOf(s.database.Store), s.database.Accounts, report, time.Now)
		listed, err = images.CheckUnreferenced(ctx, s.org)
		c.Objects = images
	}
	if err == nil {
		err = c.Run(ctx)
	}
	counts := c.Counts()
	if s.objects != nil {
		counts["objects"] = listed
	}
	_ = bar.Finish()
	slices.SortStableFunc(found, func(x, y fsck.Finding) int { return strings.Compare(x.Key, y.Key) })
	return found, counts, err
}

// A result is a finding and its repair.
type result struct {
	fsck.Finding
	Automatic bool   `json:"automatic"`
	Repaired  bool   `json:"repaired,omitempty"`
	Refused   string `json:"refused,omitempty"`
}

// print prints a result, and possible repairs if requested.
func (a *administration) print(r result, repair bool) error {
	line := r.Key + ": " + r.Detail
	switch {
	case !repair:
	case r.Repaired:
		line += "; repaired: " + r.Repair
	case r.Refused != "":
		line += "; can't be repaired: " + r.Refused
	case r.Automatic:
		line += "; a repair would: " + r.Repair
	default:
		line += "; by hand: " + r.Repair
	}
	return a.show(r, "%s", line)
}

func (a *administration) conclude(s summary, objects bool) error {
	var words []string
	for _, name := range slices.Sorted(maps.Keys(s.counts)) {
		if name != "items" {
			words = append(words, fmt.Sprint(s.counts[name], " ", name))
		}
	}
	if !objects {
		words = append(words, "no objects checked: --bucket names the bucket")
	}
	checked := map[string]int64{}
	for name, n := range s.counts {
		checked[strings.ReplaceAll(name, " ", "_")] = n
	}
	err := a.show(struct {
		Checked        map[string]int64 `json:"checked"`
		ObjectsChecked bool             `json:"objects_checked"`
		Repaired       int              `json:"repaired"`
		Left           int              `json:"left"`
	}{checked, objects, s.repaired, s.left}, "%d items checked (%s); %d repaired, %d left", s.counts["items"], strings.Join(words, ", "), s.repaired, s.left)
	if err == nil && s.left > 0 {
		err = fault{fmt.Errorf("%d findings are left", s.left)}
	}
	return err
}
