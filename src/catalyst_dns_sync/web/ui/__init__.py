"""The pages for people: templates, styles, scripts, and what fills them in."""
