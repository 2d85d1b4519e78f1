"""The page: a GET shows, a POST decides. It cannot reach a connector or the mail server."""
