package contact

// ImageStatus is how far the processing of a picture is.
type ImageStatus string

// The statuses that are shown.
const (
	ImageProcessing ImageStatus = "PROCESSING"
	ImageReady      ImageStatus = "READY"
	ImageRejected   ImageStatus = "REJECTED"
)

// Values returns all of the type's values.
func (ImageStatus) Values() []string {
	return []string{string(ImageProcessing), string(ImageReady), string(ImageRejected)}
}

// ImageType is the type of a picture.
type ImageType string

// Values returns all of the type's values.
func (ImageType) Values() []string { return []string{"image/jpeg", "image/png"} }

// Image is a picture of a contact. Once it is READY it can be shown.
type Image struct {
	ID          ID          `json:"id" readOnly:"true" doc:"Assigned by the platform."`
	Status      ImageStatus `json:"status" doc:"READY once the picture can be shown; REJECTED if it can't be, for the reason."`
	Reason      string      `json:"reason,omitempty" doc:"Why the picture was rejected."`
	ContentType ImageType   `json:"content_type,omitempty" doc:"Of the picture as it is shown."`
	Width       int         `json:"width,omitzero" doc:"In pixels, upright."`
	Height      int         `json:"height,omitzero" doc:"In pixels, upright."`
	Renditions  []Rendition `json:"renditions,omitempty" doc:"Smaller ones, for ?size=."`
}

// Rendition is a picture made smaller: its longest side is at most Size pixels.
type Rendition struct {
	Size   int `json:"size"`
	Width  int `json:"width"`
	Height int `json:"height"`
}
