"""Parts that several pages draw. They take records and draw; they fetch nothing."""
