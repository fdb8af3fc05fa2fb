// In the window that a viewer on another site opened: closes it, by which the viewer knows that its reader is done.

window.close();
