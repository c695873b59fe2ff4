"""A campaign's words become one message: values of the night, layout, and the claims it makes."""
