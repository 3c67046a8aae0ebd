//! The documented members of an order's body, per product (gateways.md A3.1).
//!
//! Others are refused: `payer` and `h5_info` belong to one product each.

use crate::book::wechat::Product;
use crate::wechat::schema::{Field, Kind, may, must};

/// The body that a product takes.
pub(super) fn of(product: Product) -> &'static [Field] {
    match product {
        Product::Native => NATIVE,
        Product::H5 => H5,
        Product::Jsapi => JSAPI,
    }
}

/// The members that all products share, between the product's own.
macro_rules! order {
    ($($own:expr),*) => {
        &[
            must("appid", "公众号ID", Kind::Text(1, 32)),
            must("mchid", "直连商户号", Kind::Text(1, 32)),
            must("description", "商品描述", Kind::Text(1, 127)),
            must("out_trade_no", "商户订单号", Kind::Text(6, 32)),
            may("time_expire", "交易结束时间", Kind::Text(1, 64)),
            may("attach", "附加数据", Kind::Text(0, 128)),
            must("notify_url", "通知地址", Kind::Text(1, 256)),
            may("goods_tag", "订单优惠标记", Kind::Text(0, 256)),
            may("support_fapiao", "电子发票入口开放标识", Kind::Flag),
            may(
                "limit_pay",
                "指定支付方式",
                Kind::Texts(&["no_credit", "no_debit", "no_balance", "balance_only"]),
            ),
            must("amount", "订单金额", Kind::Object(AMOUNT)),
            may("detail", "优惠功能", Kind::Sized(6144, DETAIL)),
            may(
                "settle_info",
                "结算信息",
                Kind::Object(&[may("profit_sharing", "是否指定分账", Kind::Flag)]),
            ),
            $($own),*
        ]
    };
}

const NATIVE: &[Field] = order!(may("scene_info", "场景信息", Kind::Object(SCENE)));

const H5: &[Field] = order!(must("scene_info", "场景信息", Kind::Object(H5_SCENE)));

const JSAPI: &[Field] = order!(
    must("payer", "支付者", Kind::Object(&[must("openid", "用户标识", Kind::Text(1, 128))])),
    may("scene_info", "场景信息", Kind::Object(SCENE))
);

const AMOUNT: &[Field] =
    &[must("total", "总金额", Kind::Integer(1)), may("currency", "货币类型", Kind::Text(1, 16))];

const SCENE: &[Field] = &[CLIENT_IP, DEVICE, STORE_INFO];

const H5_SCENE: &[Field] =
    &[CLIENT_IP, DEVICE, STORE_INFO, must("h5_info", "H5场景信息", Kind::Object(H5_INFO))];

const CLIENT_IP: Field = must("payer_client_ip", "用户终端IP", Kind::Text(1, 45));
const DEVICE: Field = may("device_id", "商户端设备号", Kind::Text(0, 32));
const STORE_INFO: Field = may("store_info", "商户门店信息", Kind::Object(STORE));

const H5_INFO: &[Field] = &[
    must("type", "场景类型", Kind::Text(1, 32)),
    may("app_name", "应用名称", Kind::Text(0, 64)),
    may("app_url", "网站URL", Kind::Text(0, 128)),
    may("bundle_id", "iOS平台BundleID", Kind::Text(0, 128)),
    may("package_name", "Android平台PackageName", Kind::Text(0, 128)),
];

const STORE: &[Field] = &[
    must("id", "门店编号", Kind::Text(1, 32)),
    may("name", "门店名称", Kind::Text(0, 256)),
    may("area_code", "地区编码", Kind::Text(0, 32)),
    may("address", "详细地址", Kind::Text(0, 512)),
];

const DETAIL: &[Field] = &[
    may("cost_price", "订单原价", Kind::Integer(0)),
    may("invoice_id", "商品小票ID", Kind::Text(0, 32)),
    may("goods_detail", "单品列表", Kind::Objects(GOODS)),
];

const GOODS: &[Field] = &[
    GOODS_ID,
    WECHATPAY_GOODS_ID,
    GOODS_NAME,
    must("quantity", "商品数量", Kind::Integer(1)),
    UNIT_PRICE,
];

// Goods of refunds have these, too.
pub(crate) const GOODS_ID: Field = must("merchant_goods_id", "商户侧商品编码", Kind::Text(1, 32));
pub(crate) const WECHATPAY_GOODS_ID: Field =
    may("wechatpay_goods_id", "微信支付商品编码", Kind::Text(0, 32));
pub(crate) const GOODS_NAME: Field = may("goods_name", "商品名称", Kind::Text(0, 256));
pub(crate) const UNIT_PRICE: Field = must("unit_price", "商品单价", Kind::Integer(0));
