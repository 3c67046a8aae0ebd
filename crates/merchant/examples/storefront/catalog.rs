//! The goods. The page shows these prices; nothing that it sends can change them.

use serde::Serialize;

/// All goods of the shop, in the order of the page.
pub(crate) const PRODUCTS: [Product; 3] = [
    Product { id: "tea", price: 12_800, en: "Longjing tea", zh: "明前龙井" },
    Product { id: "cup", price: 8_900, en: "Celadon cup", zh: "青瓷茶杯" },
    Product { id: "tray", price: 15_650, en: "Bamboo tray", zh: "竹制茶盘" },
];

/// One product.
#[derive(Serialize)]
pub(crate) struct Product {
    pub(crate) id: &'static str,
    /// The price in fen.
    pub(crate) price: i64,
    #[serde(skip)]
    pub(crate) en: &'static str,
    #[serde(skip)]
    pub(crate) zh: &'static str,
}
