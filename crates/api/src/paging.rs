//! Which part of a list is asked for, in which order: `page`, `page_size`, `ordering`, `search`; or what follows
//! a page, as its `Link` says (`after`).

use actix_web::http::header::LINK;
use countersign_registry::{ListPage, ListQuery, Order, Start, SystemSettings};
use countersign_web::Pairs;
use serde_json::{Map, Value};

use crate::{
    Answer, ApiError, Call,
    answer::{Page, Pagination},
};

/// Pages that may be asked for; whoever wants more filters.
const MAX_PAGE: u64 = 1_000_000;
/// Characters of a search.
const MAX_SEARCH: usize = 200;
/// Attributes by which a list may be ordered at once.
const MAX_ORDER: usize = 5;

/// Parameters that are no filters.
pub(crate) const RESERVED: [&str; 5] = ["page", "page_size", "ordering", "search", "after"];

/// Which part of a list is asked for.
#[derive(Clone, Debug)]
pub struct Paging {
    /// Number of the page, from 1.
    pub page: u64,
    /// Results on it.
    pub size: u32,
    /// By which attributes, the most significant first.
    pub order: Vec<Order>,
    /// What to search for.
    pub search: Option<String>,
    /// After what to begin, in place of the rows before the page.
    pub after: Option<String>,
}

/// What a list says of the part that it gave.
#[derive(Clone, Debug, Default)]
pub struct Part {
    /// How many fit.
    count: u64,
    /// Whether there may be more than that.
    is_at_least: bool,
    /// Where to go on, when there is more.
    next: Option<String>,
    /// Whether the page lies beyond what is looked at for a page by its number.
    is_cut: bool,
}

impl From<&ListPage> for Part {
    fn from(page: &ListPage) -> Self {
        Self {
            count: page.count.unwrap_or_default(),
            is_at_least: page.is_at_least,
            next: page.next.clone(),
            is_cut: page.is_cut,
        }
    }
}

impl Paging {
    /// Reads it from a query. A page that is no number is not there; a size that is none is the default. The
    /// settings of the system say how long pages are.
    pub(crate) fn of(query: &Pairs, settings: &SystemSettings) -> Result<Self, ApiError> {
        let most = settings.pagination_max_page_size;
        let default = settings.pagination_default_page_size.min(most);
        let page = match query.only("page")?.filter(|text| !text.is_empty()) {
            None => 1,
            Some(text) => text
                .parse()
                .ok()
                .filter(|page| (1..=MAX_PAGE).contains(page))
                .ok_or_else(ApiError::not_found)?,
        };
        let size =
            query.only("page_size")?.and_then(|text| text.parse::<u64>().ok()).filter(|size| *size > 0);
        let size = size.and_then(|size| u32::try_from(size.min(most.into())).ok()).unwrap_or(default);
        let order = query.only("ordering")?.unwrap_or_default();
        let order = order.split(',').map(str::trim).filter(|name| !name.is_empty()).take(MAX_ORDER);
        let order = order.map(|name| match name.strip_prefix('-') {
            Some(field) => Order { field: field.to_owned(), descending: true },
            None => Order { field: name.to_owned(), descending: false },
        });
        let search = query.only("search")?.map(str::trim).filter(|text| !text.is_empty());
        if search.is_some_and(|text| text.chars().count() > MAX_SEARCH) {
            return Err(ApiError::field("search", "max_length", "api-error-search"));
        }
        let after = query.only("after")?.filter(|text| !text.is_empty()).map(str::to_owned);
        Ok(Self { page, size, order: order.collect(), search: search.map(str::to_owned), after })
    }

    /// How many results stand before the page.
    pub fn skipped(&self) -> u64 {
        (self.page - 1).saturating_mul(self.size.into())
    }

    /// The registry's question, without filters.
    pub fn list_query(&self) -> ListQuery {
        ListQuery {
            search: self.search.clone(),
            filters: Vec::new(),
            order: self.order.clone(),
            start: self.after.clone().map_or(Start::Skip(self.skipped()), Start::After),
            limit: self.size,
            count: true,
            computed: true,
            more: false,
        }
    }

    /// The page with what a list gave, and where the next one is.
    ///
    /// Of a list whose end nobody has seen, `count` is as much as is known: one more than was shown until now, when
    /// there is more. So `next` leads on until the end, page by page; one that lies beyond what is looked at for a
    /// page by its number is refused rather than left out.
    pub fn listed(&self, call: &Call, part: &Part, results: Vec<Value>) -> Result<Answer, ApiError> {
        let page = self.part(part, results)?;
        let next = part.next.as_deref().filter(|_| page.pagination.next > 0);
        let link = next.map(|next| self.link(call, next));
        let answer = Answer::json(&page)?;
        Ok(match link {
            Some(link) => answer.header(LINK, &link),
            None => answer,
        })
    }

    fn part(&self, part: &Part, results: Vec<Value>) -> Result<Page, ApiError> {
        if part.is_cut && results.is_empty() && self.page > 1 {
            return Err(ApiError::field("page", "too_far", "api-error-page-far"));
        }
        if !part.is_at_least && self.after.is_none() {
            return self.answer(part.count, results);
        }
        let shown = u64::try_from(results.len()).unwrap_or(u64::MAX);
        let before = self.skipped();
        let least = before.saturating_add(shown).saturating_add(u64::from(part.next.is_some()));
        let count = part.count.max(least);
        let pages = count.div_ceil(self.size.into());
        let pagination = Pagination {
            next: if part.next.is_some() { self.page + 1 } else { 0 },
            previous: self.page - 1,
            count,
            current: self.page,
            total_pages: pages.max(self.page + u64::from(part.next.is_some())),
            start_index: if shown == 0 { 0 } else { before + 1 },
            end_index: before + shown,
        };
        Ok(Page { pagination, results, autocomplete: Map::new() })
    }

    /// The next page (RFC 8288), which begins behind the last result of this one whatever its number.
    fn link(&self, call: &Call, next: &str) -> String {
        let mut pairs = url::form_urlencoded::Serializer::new(String::new());
        let kept = call.query.as_slice().iter().filter(|(name, _)| name != "page" && name != "after");
        pairs.extend_pairs(kept);
        pairs.append_pair("page", &(self.page + 1).to_string()).append_pair("after", next);
        format!("<{}{}?{}>; rel=\"next\"", call.facts.base_url, call.request.path(), pairs.finish())
    }

    /// The page with these results of so many. A page behind the last is not there.
    pub fn answer(&self, count: u64, results: Vec<Value>) -> Result<Page, ApiError> {
        let size = u64::from(self.size);
        let total_pages = count.div_ceil(size).max(1);
        if self.page > total_pages {
            return Err(ApiError::not_found());
        }
        let shown = u64::try_from(results.len()).unwrap_or(size);
        let before = self.skipped();
        let pagination = Pagination {
            next: if self.page < total_pages { self.page + 1 } else { 0 },
            previous: self.page - 1,
            count,
            current: self.page,
            total_pages,
            start_index: if shown == 0 { 0 } else { before + 1 },
            end_index: before + shown,
        };
        Ok(Page { pagination, results, autocomplete: Map::new() })
    }

    /// The page out of a whole list that is at hand.
    pub fn cut(&self, all: Vec<Value>) -> Result<Page, ApiError> {
        let count = u64::try_from(all.len()).unwrap_or(u64::MAX);
        let skipped = usize::try_from(self.skipped()).unwrap_or(usize::MAX);
        let size = usize::try_from(self.size).unwrap_or(usize::MAX);
        self.answer(count, all.into_iter().skip(skipped).take(size).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paging(query: &str) -> Result<Paging, ApiError> {
        Paging::of(&Pairs::parse(query.as_bytes(), 10).unwrap(), &SystemSettings::default())
    }

    #[test]
    fn pages_are_counted_from_one() {
        let page = paging("page=2&page_size=2").unwrap().answer(5, vec![Value::Null; 2]).unwrap();
        let Pagination { next, previous, count, current, total_pages, start_index, end_index } =
            page.pagination;
        assert_eq!(
            [next, previous, count, current, total_pages, start_index, end_index],
            [3, 1, 5, 2, 3, 3, 4]
        );
        let last = paging("page=3&page_size=2").unwrap().answer(5, vec![Value::Null]).unwrap().pagination;
        assert_eq!((last.next, last.end_index), (0, 5));
        let empty = paging("").unwrap().answer(0, Vec::new()).unwrap().pagination;
        assert_eq!((empty.total_pages, empty.start_index, empty.end_index), (1, 0, 0));
    }

    #[test]
    fn a_page_that_is_not_there_is_not_found() {
        for query in ["page=0", "page=-1", "page=x", "page=99999999999999999999"] {
            assert!(paging(query).is_err(), "{query}");
        }
        assert!(paging("page=2").unwrap().answer(3, Vec::new()).is_err());
    }

    #[test]
    fn nobody_gets_a_page_larger_than_the_bound() {
        assert_eq!(paging("page_size=100000").unwrap().size, 100);
        assert_eq!(paging("page_size=0").unwrap().size, 20);
        assert_eq!(paging("page_size=x").unwrap().size, 20);
        assert!(paging(&format!("search={}", "a".repeat(201))).is_err());
        assert!(paging("page=1&page=2").is_err(), "two pages at once");
    }

    #[test]
    fn a_list_without_a_known_end_leads_on_until_it_comes() {
        let part = |next: Option<&str>| Part {
            count: 250,
            is_at_least: true,
            next: next.map(str::to_owned),
            is_cut: false,
        };
        let numbers = |page: Page| {
            let Pagination { next, count, total_pages, .. } = page.pagination;
            [next, count, total_pages]
        };
        let of = |query: &str, part: &Part, shown: usize| {
            paging(query).unwrap().part(part, vec![Value::Null; shown]).map(numbers)
        };
        assert_eq!(of("page_size=100", &part(Some("x")), 100).unwrap(), [2, 250, 3]);
        assert_eq!(of("page=3&page_size=100", &part(Some("x")), 100).unwrap(), [4, 301, 4]);
        assert_eq!(
            of("page=9&page_size=100", &part(Some("x")), 0).unwrap(),
            [10, 801, 10],
            "empty, not the end"
        );
        assert_eq!(of("page=9&page_size=100", &part(None), 0).unwrap(), [0, 800, 9], "promised, and the end");
        let cut = Part { is_cut: true, ..part(Some("x")) };
        assert_eq!(of("page=9&page_size=100", &cut, 3).unwrap()[0], 10, "what was found is shown");
        assert!(of("page=9&page_size=100", &cut, 0).is_err(), "nobody takes a part for the whole");
        assert_eq!(of("page_size=100", &cut, 0).unwrap()[0], 2);
    }

    #[test]
    fn a_minus_orders_the_other_way() {
        let order = paging("ordering=-name,pk").unwrap().order;
        assert_eq!(
            order.iter().map(|by| (by.field.as_str(), by.descending)).collect::<Vec<_>>(),
            [("name", true), ("pk", false)]
        );
    }
}
