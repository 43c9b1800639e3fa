//! Integers for objects that have none, where authentik's API names objects by one: the first 48 bits of a
//! random identifier. They lead back by a range of the index.

use countersign_types::RawId;

/// Bits of an identifier behind its number.
const REST: u32 = 80;

/// The number of an object.
pub(crate) fn number_of(id: RawId) -> i64 {
    i64::try_from(id.as_u128() >> REST).unwrap_or(0)
}

/// First and last identifier of a number; none when it cannot be one.
pub(crate) fn range_of(number: i64) -> Option<(RawId, RawId)> {
    let number = u128::try_from(number).ok().filter(|number| *number < 1 << 48)?;
    let first = number << REST;
    Some((RawId::from_u128(first), RawId::from_u128(first | ((1 << REST) - 1))))
}

/// The only one, if it is the only one: a number that names several names none.
pub(crate) fn only<T>(mut found: Vec<T>) -> Option<T> {
    let one = found.pop();
    one.filter(|_| found.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_leads_back() {
        let id = RawId::from_u128(0x1234_5678_9abc_4def_8123_4567_89ab_cdef);
        let number = number_of(id);
        assert_eq!(number, 0x1234_5678_9abc);
        let (first, last) = range_of(number).unwrap();
        assert!(first <= id && id <= last);
        assert_eq!((range_of(-1), range_of(1 << 48)), (None, None));
        assert_eq!((only(vec![1]), only(vec![1, 2]), only(Vec::<u8>::new())), (Some(1), None, None));
    }
}
