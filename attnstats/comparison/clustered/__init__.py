"""Values in clusters, such as the questions of one document or the items of one subject."""
