package offset

import "context"

// SetSizes makes lists short enough to have many nodes.
func (x *Indexes) SetSizes(s Sizes) { x.sizes = s }

// Merge is merge.
func (x Index) Merge(ctx context.Context, s Snapshot) Snapshot { return x.merge(ctx, s) }

// Position is find.
func (x Index) Position(ctx context.Context, s Snapshot, offset int) (Position, error) {
	return x.find(ctx, s, offset)
}

// Rewrite writes the root alone.
func (x Index) Rewrite(ctx context.Context, s Snapshot) error {
	_, err := x.write(ctx, s, nil)
	return err
}
