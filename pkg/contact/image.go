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
	ID          ID          `json:"id" readOnly:"true" doc:"Assigned by the platform."`
	Status      ImageStatus `json:"status" doc:"READY: the picture can be shown. REJECTED: it can't be; see reason."`
	Reason      string      `json:"reason,omitempty" doc:"Why the picture was rejected."`
	ContentType ImageType   `json:"content_type,omitempty" doc:"The content type of the picture as it is shown."`
	Width       int         `json:"width,omitzero" doc:"In pixels, upright."`
	Height      int         `json:"height,omitzero" doc:"In pixels, upright."`
	Renditions  []Rendition `json:"renditions,omitempty" doc:"The smaller sizes, for ?size=."`
}

// Rendition is the picture in a smaller size: its longest side has at most Size pixels.
type Rendition struct {
	Size   int `json:"size"`
	Width  int `json:"width"`
	Height int `json:"height"`
}
