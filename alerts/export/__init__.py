"""One case's evidence as a ZIP that a court, the police or an insurer can check without Schoolgate."""
