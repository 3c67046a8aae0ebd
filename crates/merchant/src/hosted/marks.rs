//! The wallets' marks, drawn by us in their colours.

use contract::PaymentMethod;

/// Returns a small inline SVG. Decoration: the name is beside it.
pub(super) const fn mark(method: PaymentMethod) -> &'static str {
    match method {
        PaymentMethod::Alipay => {
            "<svg class=\"mark\" viewBox=\"0 0 24 24\" aria-hidden=\"true\">\
             <rect width=\"24\" height=\"24\" rx=\"6\" fill=\"#1677ff\"/>\
             <g fill=\"none\" stroke=\"#fff\" stroke-width=\"2\" stroke-linecap=\"round\">\
             <path d=\"M6 7.5h12M12 5v5.5M7.5 11h9\"/>\
             <path d=\"M15.5 11c-1.2 4.2-4 6.6-7 6.6-1.700 0-2.800-.9-2.800-2.100 0-1.300 1.200-2.200 2.900-2.200 3.200 0 6.200 2.300 9.700 4\"/></g></svg>"
        }
        PaymentMethod::WechatPay => {
            "<svg class=\"mark\" viewBox=\"0 0 24 24\" aria-hidden=\"true\">\
             <rect width=\"24\" height=\"24\" rx=\"6\" fill=\"#07c160\"/>\
             <path fill=\"#fff\" d=\"M12 5.500c4.100 0 7.500 2.700 7.500 6.100s-3.400 6.100-7.500 6.100c-.8 0-1.600-.1-2.400-.3L7 18.800l.6-2.300c-1.900-1.100-3.100-2.900-3.100-4.900 0-3.400 3.400-6.100 7.500-6.100z\"/>\
             <path fill=\"none\" stroke=\"#07c160\" stroke-width=\"1.800\" stroke-linecap=\"round\" stroke-linejoin=\"round\" d=\"M8.800 11.800l2.200 2.200 4.600-4.400\"/></svg>"
        }
        PaymentMethod::Unknown => "",
    }
}

/// A phone's screen with an arrow to the menu at its top right. Decoration: the text says the same.
pub(super) const OPEN_IN_BROWSER: &str = "<svg class=\"drawing\" viewBox=\"0 0 160 96\" aria-hidden=\"true\">\
    <rect x=\"8\" y=\"16\" width=\"112\" height=\"72\" rx=\"10\" fill=\"none\" stroke=\"currentColor\" stroke-width=\"2\"/>\
    <path d=\"M8 36h112\" stroke=\"currentColor\" stroke-width=\"2\"/>\
    <g fill=\"currentColor\"><circle cx=\"95\" cy=\"26\" r=\"2.500\"/><circle cx=\"103\" cy=\"26\" r=\"2.500\"/><circle cx=\"111\" cy=\"26\" r=\"2.500\"/></g>\
    <path d=\"M60 72c20 0 46-8 54-34m0 0l-11 7m11-7l4 12\" fill=\"none\" stroke=\"#1677ff\" stroke-width=\"3\" stroke-linecap=\"round\" stroke-linejoin=\"round\"/></svg>";
