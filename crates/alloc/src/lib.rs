//! The global allocator that counts what an evaluation of an expression holds, and what gives memory back.
//!
//! Owns whatever is `unsafe` in the house: the trait of allocators, and calls of the system without a safe form. [`CountingAllocator`] forwards to the system's allocator and,
//! on a thread that has an [`Account`] open, adds and subtracts sizes in that account. Threads without an
//! account pay one thread-local read per call.
//!
//! The interpreter can look at one number of the process only, while several evaluations run at once: a sum
//! would make them pay for each other. So that number stays 0, and the evaluation looks at its own account
//! ([`live`]) every few hundred instructions. Between two looks a single instruction may allocate a
//! lot. The interpreter asks before most such allocations whether they alone exceed the allowance. What
//! grows bit by bit inside one instruction is caught by three lines of defence:
//!
//! | held | what happens |
//! |---|---|
//! | 1 × allowance | the evaluation is stopped at its next look |
//! | 2 × allowance | the alarm ([`alarm_in`]) is raised for 20 ms: the number the interpreter looks at inside long instructions. Another evaluation that looks during that time is stopped too; it can tell ([`is_alarm_raised`]) and be tried again |
//! | 4 × allowance | an allocator may neither unwind nor fail without ending the process, so the thread is parked for good; whoever waits for it sees a timeout, and [`lost_threads`] counts |

mod account;
mod counting;
mod give_back;

pub use account::{Account, alarm_in, is_alarm_raised, live, lost_threads};
pub use counting::{CountingAllocator, is_installed};
pub use give_back::{give_back, let_go_of_code};
