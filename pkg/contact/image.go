package contact

// ImageStatus is the state of the processing of a picture.
type ImageStatus string

// The statuses.
const (
	ImageProcessing ImageStatus = "PROCESSING"
	ImageReady      ImageStatus = "READY"
	ImageRejected   ImageStatus = "REJECTED"
)

// Values returns all of the type's values.
func (ImageStatus) Values() []string {
	return []string{string(ImageProcessing), string(ImageReady), string(ImageRejected)}
}

// ImageType is the content type of a picture.
type ImageType string

// Values returns all of the type's values.
func (ImageType) Values() []string { return []string{"image/jpeg", "image/png"} }

// Image is a picture of a contact.
type Image struct {
	ID          ID          `json:"id" readOnly:"true"`
	Status      ImageStatus `json:"status"`
	Reason      string      `json:"reason,omitempty"`
	ContentType ImageType   `json:"content_type,omitempty"`
	Width       int         `json:"width,omitzero"`
	Height      int         `json:"height,omitzero"`
	Renditions  []Rendition `json:"renditions,omitempty"`
}

// Rendition is the picture in a smaller size: its longest side has at most Size pixels.
type Rendition struct {
	Size   int `json:"size"`
	Width  int `json:"width"`
	Height int `json:"height"`
}
