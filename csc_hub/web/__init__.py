"""What all pages share: guards, fields, fragments, filters, errors."""
