//! The threads that share the work of one kernel.
//!
//! A training step of a perceptron has a dozen kernels of 10 to 100 microseconds. To wake a sleeping thread
//! takes about as long, so between kernels the helpers of a team spin. They do so for a short time only:
//! outside of training they sleep. A team that has to wait for a helper, since another program has its core,
//! goes on without helpers for a while.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::hint::spin_loop;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// How long a helper spins before it sleeps. The work between two kernels of a training step is shorter.
const SPIN: Duration = Duration::from_micros(200);
/// The calling thread waits for helpers as long as its own share of the work took, and at least so long. After
/// that it takes a helper's core to be busy. The time slices of operating systems are longer.
const PATIENCE: Duration = Duration::from_millis(1);
/// For how long a team goes without its helpers after that. The time doubles if it happens again within
/// [`MEMORY`].
const SHORTEST_REST: Duration = Duration::from_millis(5);
const LONGEST_REST: Duration = Duration::from_millis(500);
const MEMORY: Duration = Duration::from_millis(50);
/// The most parts that work is divided into.
const MOST_PARTS: usize = 64;

thread_local! {
    static TEAM: RefCell<Team> = RefCell::new(Team::new(threads().min(cores())));
    static IS_HELPER: Cell<bool> = const { Cell::new(false) };
}

/// The number of threads to divide work for: those of the Rayon pool that the calling thread belongs to.
pub(crate) fn threads() -> usize {
    rayon::current_num_threads()
}

/// A team has no more threads than that: those that spin would keep the others waiting.
fn cores() -> usize {
    thread::available_parallelism().map_or(1, NonZeroUsize::get)
}

/// Processes each item once, on the threads of the calling thread's team. The calling thread begins with the
/// first items, its first helper with the next ones, and so on: equal shares of the same tensors stay in the
/// caches of the same cores.
///
/// # Panics
///
/// If `work` does.
pub(crate) fn for_each<T: Send>(items: Vec<T>, work: impl Fn(T) + Sync) {
    let total = items.len();
    if total < 2 || IS_HELPER.get() {
        return items.into_iter().for_each(work);
    }
    let parts = total.min(MOST_PARTS);
    let mut items = items.into_iter();
    let shares: Vec<Mutex<Vec<T>>> = (0..parts)
        .map(|part| {
            let count = total * (part + 1) / parts - total * part / parts;
            Mutex::new(items.by_ref().take(count).collect())
        })
        .collect();
    let process = |part: usize| {
        let mut share = shares[part].lock().unwrap_or_else(PoisonError::into_inner);
        let items = std::mem::take(&mut *share);
        drop(share);
        items.into_iter().for_each(&work);
    };
    TEAM.with(|team| match team.try_borrow_mut() {
        Ok(mut team) => team.run(parts, &process),
        // The work of this team has work to share, too.
        Err(_) => (0..parts).for_each(process),
    });
}

/// A thread and its helpers.
struct Team {
    shared: Arc<Shared>,
    helpers: Vec<JoinHandle<()>>,
    round: u64,
    rest: Rest,
}

/// What a team's threads share.
struct Shared {
    /// The number of the round, and in the lowest [`PARTS_BITS`] the number of its parts. Zero parts end the
    /// helpers.
    announced: AtomicU64,
    /// The work of the round.
    work: AtomicPtr<Work<'static>>,
    /// For each part, the latest round in which a thread took it.
    taken: [AtomicU64; MOST_PARTS],
    /// The parts of the round that are not finished.
    unfinished: AtomicUsize,
    /// For each helper, whether it is to be woken.
    asleep: Vec<AtomicBool>,
    panic: Mutex<Option<Box<dyn Any + Send>>>,
}

type Work<'a> = &'a (dyn Fn(usize) + Sync);

const PARTS_BITS: u32 = 8;

impl Team {
    /// A team of so many threads, or as many as the system starts.
    fn new(threads: usize) -> Self {
        let shared = Arc::new(Shared {
            announced: AtomicU64::new(0),
            work: AtomicPtr::new(std::ptr::null_mut()),
            taken: [const { AtomicU64::new(0) }; MOST_PARTS],
            unfinished: AtomicUsize::new(0),
            asleep: (1..threads).map(|_| AtomicBool::new(false)).collect(),
            panic: Mutex::new(None),
        });
        let helpers = (1..threads).map_while(|number| {
            let shared = Arc::clone(&shared);
            let helper = thread::Builder::new().name(format!("helper {number}"));
            helper.spawn(move || shared.help(number, threads)).ok()
        });
        Self {
            helpers: helpers.collect(),
            shared,
            round: 0,
            rest: Rest::default(),
        }
    }

    /// Calls `work` with the number of each part once.
    fn run(&mut self, parts: usize, work: Work<'_>) {
        if self.helpers.is_empty() || self.rest.is_on() {
            return (0..parts).for_each(work);
        }
        self.round += 1;
        let shared = &*self.shared;
        shared.unfinished.store(parts, Ordering::Relaxed);
        let mut work = work;
        // The lifetime ends before this function does: see below.
        let erased: *mut Work<'_> = &mut work;
        shared.work.store(erased.cast(), Ordering::Relaxed);
        let announced = self.round << PARTS_BITS | parts as u64;
        // Against the helper's own order: it sees the round, or this thread sees that it is asleep.
        shared.announced.store(announced, Ordering::SeqCst);
        self.wake();
        let began = Instant::now();
        shared.take_parts(announced, 0);
        let patience = began.elapsed().max(PATIENCE);
        let waiting = Instant::now();
        let mut is_late = false;
        // No part is left to take after this, so no thread uses `work`.
        while shared.unfinished.load(Ordering::Acquire) > 0 {
            if is_late {
                thread::yield_now();
            } else {
                spin_loop();
                is_late = waiting.elapsed() > patience;
            }
        }
        if is_late {
            self.rest.begin();
        }
        let panic = shared
            .panic
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(panic) = panic {
            resume_unwind(panic);
        }
    }

    fn wake(&self) {
        for (helper, asleep) in self.helpers.iter().zip(&self.shared.asleep) {
            if asleep.load(Ordering::SeqCst) {
                helper.thread().unpark();
            }
        }
    }
}

impl Drop for Team {
    fn drop(&mut self) {
        let end = (self.round + 1) << PARTS_BITS;
        self.shared.announced.store(end, Ordering::SeqCst);
        self.wake();
        for helper in self.helpers.drain(..) {
            // Its panics have been passed on.
            let _ = helper.join();
        }
    }
}

impl Shared {
    /// The life of a helper.
    fn help(&self, number: usize, threads: usize) {
        IS_HELPER.set(true);
        let mut last = 0;
        loop {
            last = self.next_round(last, number - 1);
            let parts = parts(last);
            if parts == 0 {
                return;
            }
            self.take_parts(last, parts * number / threads);
        }
    }

    /// Waits for the round after `last`.
    fn next_round(&self, last: u64, helper: usize) -> u64 {
        let began = Instant::now();
        loop {
            for _ in 0..64 {
                let announced = self.announced.load(Ordering::Acquire);
                if announced != last {
                    return announced;
                }
                spin_loop();
            }
            if began.elapsed() > SPIN {
                self.asleep[helper].store(true, Ordering::SeqCst);
                while self.announced.load(Ordering::SeqCst) == last {
                    thread::park();
                }
                self.asleep[helper].store(false, Ordering::SeqCst);
            }
        }
    }

    /// Takes parts of a round and works on them until there are no more, beginning with `first`.
    fn take_parts(&self, announced: u64, first: usize) {
        let (round, parts) = (announced >> PARTS_BITS, parts(announced));
        for part in (first..parts).chain(0..first) {
            let latest = self.taken[part].load(Ordering::Relaxed);
            // A helper that is late must not take a part of a later round.
            if latest >= round {
                continue;
            }
            let taken = &self.taken[part];
            if taken
                .compare_exchange(latest, round, Ordering::Relaxed, Ordering::Relaxed)
                .is_err()
            {
                continue;
            }
            // SAFETY: this thread has taken a part that is not finished, so the round goes on: `run` has not
            // returned, and what it borrows is alive. The load of `announced` made the pointer visible.
            #[allow(unsafe_code, reason = "helpers outlive what they work on")]
            let work: Work<'_> = unsafe { *self.work.load(Ordering::Relaxed) };
            if let Err(panic) = catch_unwind(AssertUnwindSafe(|| work(part))) {
                let mut first = self.panic.lock().unwrap_or_else(PoisonError::into_inner);
                first.get_or_insert(panic);
            }
            self.unfinished.fetch_sub(1, Ordering::Release);
        }
    }
}

fn parts(announced: u64) -> usize {
    (announced & ((1 << PARTS_BITS) - 1)) as usize
}

/// When to do without helpers.
#[derive(Default)]
struct Rest {
    until: Option<Instant>,
    length: Duration,
}

impl Rest {
    fn is_on(&self) -> bool {
        self.until.is_some_and(|until| Instant::now() < until)
    }

    fn begin(&mut self) {
        let now = Instant::now();
        let again = self.until.is_some_and(|until| now < until + MEMORY);
        self.length = if again {
            (2 * self.length).min(LONGEST_REST)
        } else {
            SHORTEST_REST
        };
        self.until = Some(now + self.length);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::with_threads;

    #[test]
    fn each_item_is_processed_once() {
        for threads in [1, 2, 3, 8] {
            with_threads(threads, || {
                for round in 0..2000 {
                    let mut counts = vec![0; round % 150];
                    for_each(counts.iter_mut().collect(), |count| *count += 1);
                    assert!(counts.iter().all(|&count| count == 1), "{counts:?}");
                }
            });
        }
    }

    #[test]
    fn sleeping_helpers_are_woken() {
        with_threads(2, || {
            let mut helped = false;
            for _ in 0..50 {
                thread::sleep(2 * SPIN);
                let caller = thread::current().id();
                let mut by = [caller; 2];
                for_each(by.iter_mut().collect(), |by| {
                    thread::sleep(SPIN);
                    *by = thread::current().id();
                });
                helped |= by[1] != caller;
            }
            assert!(helped);
        });
    }

    #[test]
    fn work_can_share_work() {
        with_threads(2, || {
            let mut sums = [0; 4];
            for_each(sums.iter_mut().collect(), |sum| {
                let mut ones = [0; 10];
                for_each(ones.iter_mut().collect(), |one| *one = 1);
                *sum = ones.iter().sum();
            });
            assert_eq!(sums, [10; 4]);
        });
    }

    #[test]
    fn a_panic_is_passed_on_and_the_team_goes_on() {
        with_threads(2, || {
            for panics in [0, 1] {
                let failed = catch_unwind(|| {
                    for_each(vec![0, 1], |item| {
                        assert_ne!(item, panics, "the item panics")
                    });
                });
                assert!(failed.is_err());
                let mut done = [false; 2];
                for_each(done.iter_mut().collect(), |done| *done = true);
                assert_eq!(done, [true; 2]);
            }
        });
    }

    #[test]
    fn rests_grow_while_helpers_are_late() {
        let mut rest = Rest::default();
        assert!(!rest.is_on());
        rest.begin();
        assert_eq!(rest.length, SHORTEST_REST);
        for _ in 0..20 {
            rest.begin();
        }
        assert_eq!(rest.length, LONGEST_REST);
        assert!(rest.is_on());
    }
}
