//! The macro that turns rows into a block: struct, defaults, parser, comparison and reference from one line per item.
//!
//! Each arm below walks the same rows; a new use of the table is one more function here.

/// The keyword of a field: its own name, unless another is given.
macro_rules! keyword {
    ($field:ident) => {
        stringify!($field)
    };
    ($field:ident $keyword:literal) => {
        $keyword
    };
}
pub(crate) use keyword;

/// A block of the configuration file: `items` are keywords with a value or flags, `blocks` are inner blocks, `lists`
/// inner blocks with a name. The last two words of an item are
/// [`When`](super::table::When) and [`Effect`](super::table::Effect).
macro_rules! block {
    (
        $(#[doc = $about:literal])+
        $block:ident $(named $label:ident by $name_check:path)?;
        items { $($(#[doc = $doc:literal])+ $item:ident $(as $item_word:literal)?: $ty:ty = $default:expr, $check:expr, $when:ident, $effect:ident;)* }
        blocks { $($(#[doc = $inner_doc:literal])+ $inner:ident $(as $inner_word:literal)?: $inner_ty:ident;)* }
        lists { $($(#[doc = $list_doc:literal])+ $list:ident as $list_word:literal: $list_ty:ident;)* }
    ) => {
        $(#[doc = $about])+
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $block {
            $(
                /// The name behind the keyword.
                pub $label: String,
            )?
            $($(#[doc = $doc])+ pub $item: $ty,)*
            $($(#[doc = $inner_doc])+ pub $inner: $inner_ty,)*
            $($(#[doc = $list_doc])+ pub $list: Vec<$list_ty>,)*
        }

        impl Default for $block {
            fn default() -> Self {
                Self {
                    $($label: String::new(),)?
                    $($item: $default,)*
                    $($inner: $inner_ty::default(),)*
                    $($list: Vec::new(),)*
                }
            }
        }

        #[allow(unused_imports, unused_variables, reason = "not every block has items, blocks and lists")]
        impl $crate::dpvs::table::Block for $block {
            fn shape(&self, keyword: &str) -> $crate::dpvs::table::Shape {
                use $crate::dpvs::{block::keyword, table::Shape};
                $(if keyword == keyword!($item $($item_word)?) { return Shape::Item; })*
                $(if keyword == keyword!($inner $($inner_word)?) { return Shape::Block; })*
                $(if keyword == $list_word {
                    return Shape::List(<$list_ty as $crate::dpvs::table::Named>::check_name);
                })*
                Shape::Unknown
            }
            fn keywords(&self) -> Vec<&'static str> {
                use $crate::dpvs::block::keyword;
                vec![
                    $(keyword!($item $($item_word)?),)*
                    $(keyword!($inner $($inner_word)?),)*
                    $($list_word,)*
                ]
            }
            fn set(&mut self, keyword: &str, words: &[$crate::lexer::Word]) -> Option<$crate::dpvs::table::Set> {
                use $crate::dpvs::{block::keyword, table::{Effect, Set, apply}};
                $(if keyword == keyword!($item $($item_word)?) {
                    let wrong = apply(&$check, words, &mut self.$item, $default);
                    return Some(Set { effect: Effect::$effect, wrong });
                })*
                None
            }
            fn enter(&mut self, keyword: &str) -> Option<&mut dyn $crate::dpvs::table::Block> {
                use $crate::dpvs::block::keyword;
                $(if keyword == keyword!($inner $($inner_word)?) { return Some(&mut self.$inner); })*
                None
            }
            fn open(&mut self, keyword: &str, name: &str) -> Option<(usize, &mut dyn $crate::dpvs::table::Block)> {
                $(if keyword == $list_word {
                    let index = self.$list.len();
                    self.$list.push(<$list_ty as $crate::dpvs::table::Named>::with_name(name));
                    return Some((index, &mut self.$list[index]));
                })*
                None
            }
        }

        #[allow(unused_imports, unused_variables, reason = "not every block has items, blocks and lists")]
        impl $crate::dpvs::table::Table for $block {
            fn describe(path: &str, named: bool, doc: String, out: &mut Vec<$crate::dpvs::table::Section>) {
                use $crate::dpvs::check::Check as _;
                use $crate::dpvs::{block::keyword, table::{Effect, Item, Section, When}};
                use $crate::place::join;
                let items = vec![$(Item {
                    path: join(path, keyword!($item $($item_word)?)),
                    doc: concat!($($doc),+).trim().to_owned(),
                    default: { let value: $ty = $default; $check.show(&value) },
                    range: <_ as $crate::dpvs::check::Check<$ty>>::range(&$check),
                    when: When::$when,
                    effect: Effect::$effect,
                },)*];
                out.push(Section { path: path.to_owned(), named, doc, items });
                $(
                    let doc = concat!($($inner_doc),+).trim().to_owned();
                    $inner_ty::describe(&join(path, keyword!($inner $($inner_word)?)), false, doc, out);
                )*
                $(
                    let doc = concat!($($list_doc),+).trim().to_owned();
                    $list_ty::describe(&join(path, $list_word), true, doc, out);
                )*
            }
            fn changes(&self, new: &Self, path: &str, out: &mut Vec<$crate::dpvs::table::Change>) {
                use $crate::dpvs::check::Check as _;
                use $crate::dpvs::{block::keyword, table::{Change, When, list_changes}};
                use $crate::place::join;
                $(if When::$when == When::Start && self.$item != new.$item {
                    out.push(Change {
                        path: join(path, keyword!($item $($item_word)?)),
                        running: $check.show(&self.$item),
                        wanted: $check.show(&new.$item),
                    });
                })*
                $(self.$inner.changes(&new.$inner, &join(path, keyword!($inner $($inner_word)?)), out);)*
                $(list_changes(&self.$list, &new.$list, &join(path, $list_word), out);)*
            }
            fn keep(&mut self, running: &Self, set: &$crate::Places, path: &str) {
                use $crate::dpvs::{block::keyword, table::When};
                use $crate::place::join;
                $(
                    let absent = || !set.contains(&join(path, keyword!($item $($item_word)?)));
                    if When::$when == When::Start || (When::$when == When::Sticky && absent()) {
                        self.$item = running.$item.clone();
                    }
                )*
                $(self.$inner.keep(&running.$inner, set, &join(path, keyword!($inner $($inner_word)?)));)*
                // Devices, bonds and workers have no item that a reload may change.
                $(self.$list = running.$list.clone();)*
            }
        }

        $(impl $crate::dpvs::table::Named for $block {
            fn with_name(name: &str) -> Self {
                Self { $label: name.to_owned(), ..Self::default() }
            }
            fn name(&self) -> &str {
                &self.$label
            }
            fn check_name(name: &str) -> Result<(), $crate::Problem> {
                $name_check(name)
            }
        })?
    };
}
pub(crate) use block;
