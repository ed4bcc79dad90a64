//! What the operating system says of this process.

use std::time::Duration;

/// For how long this thread had a processor so far.
pub fn processor_time() -> Duration {
    // SAFETY: clock_gettime writes the whole struct it is given.
    let time = unsafe {
        let mut time = std::mem::zeroed();
        libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time);
        time
    };
    Duration::new(u64::try_from(time.tv_sec).expect("seconds"), u32::try_from(time.tv_nsec).expect("nanoseconds"))
}

/// Seconds of processor time, user and system, of all threads so far.
pub fn cpu() -> f64 {
    // SAFETY: getrusage writes the whole struct it is given.
    let usage = unsafe {
        let mut usage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_SELF, &raw mut usage);
        usage
    };
    let seconds = |time: libc::timeval| time.tv_sec as f64 + time.tv_usec as f64 / 1e6;
    seconds(usage.ru_utime) + seconds(usage.ru_stime)
}

/// Resident memory in KiB.
pub fn resident() -> u64 {
    let pages = std::fs::read_to_string("/proc/self/statm").ok();
    pages.and_then(|text| text.split(' ').nth(1)?.parse::<u64>().ok()).unwrap_or(0) * 4
}
