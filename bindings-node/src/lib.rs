//! The npm package's native half: it converts, calls the core, converts back, and never decides.
