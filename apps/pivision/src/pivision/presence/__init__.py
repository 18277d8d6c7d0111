"""Whether a person is in a picture: by a model of the operator's, if there is one. It decides no event."""
