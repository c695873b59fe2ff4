"""What people work from: segment lists, the call list, where they are put, and what comes back."""
