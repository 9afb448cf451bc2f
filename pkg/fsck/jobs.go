package fsck

import (
	"contacts/pkg/dynamo"
	"contacts/pkg/exports"
	"contacts/pkg/job"
	"contacts/pkg/keys"
)

// checkExport checks that an export can be read, expires, and has a job while it runs.
func (c *itemCheck) checkExport() {
	e, err := exports.Of(c.item)
	switch {
	case err != nil || e.Version < 1:
		c.reportManual(FoundDocument, "it can't be read", "delete it and create the export again")
	case !c.item.IsNumber(dynamo.AttrExpires):
		c.reportRemoval(FoundDocument, "it never expires")
	case e.Status == exports.Running:
		c.checkJob(e.Job())
	}
}

// checkJob checks that a job has its mark and its place.
func (c *itemCheck) checkJob(j job.Job) {
	if c.get(keys.Job(j.Org, j.Kind, j.ID)) != nil && c.get(keys.JobPlace(j.Org, j.Kind, j.ID)) != nil {
		return
	}
	c.report(FoundOrphan, "no function works on it", "begin its job again", j.Begin)
}

// checkJobItem checks that the mark or the place of a job is that of an export which runs.
func (c *itemCheck) checkJobItem() {
	org, id := c.key.Org, c.key.File
	if c.key.Kind == keys.KindJob {
		_, org, id, _ = keys.ParseJob(c.item.Key().SK)
	}
	if e, err := exports.Of(c.get(keys.Export(org, id))); err != nil || e.Status != exports.Running {
		c.reportRemoval(FoundOrphan, "it is of no export that runs")
	}
}
