"""What people receive and touch: mail, digest, page."""
