<?php
// The selector as HTML, from the template of the widget's build: docs/prerendered-selector.md.
declare(strict_types=1);

const TEXT_SLOTS = ['merchant', 'description', 'amount', 'hosted_url', 'theme', 'version'];
const PIECE_SLOTS = ['rows', 'details', 'description_line', 'pay_button'];

/** Returns the template's locale for a language tag: of the whole tag, else without its last subtags. */
function locale_of(stdClass $selector, string $tag): string
{
    $names = [];
    foreach (array_keys(get_object_vars($selector->locales)) as $name) {
        $names[strtolower($name)] = $name;
    }
    $subtags = explode('-', strtolower($tag));
    while ($subtags) {
        $range = implode('-', $subtags);
        if (isset($names[$range]) || isset($selector->aliases->$range)) {
            return $names[$range] ?? $selector->aliases->$range;
        }
        array_pop($subtags);
    }
    return 'en';
}

/** Returns the checkout for the order page. `$nonce` is that of the page's Content Security Policy. */
function embed(stdClass $selector, stdClass $session, string $clientSecret, string $apiBase, string $locale, string $nonce, string $layout = 'accordion'): string
{
    $locale = locale_of($selector, $locale);
    $template = $selector->locales->$locale->layouts->$layout;
    check_slots($template);
    $element = attributes([
        'client-secret' => $clientSecret, 'api-base' => $apiBase, 'locale' => $locale, 'layout' => $layout, 'nonce' => $nonce,
        'session' => json_encode($session, JSON_THROW_ON_ERROR | JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE),
    ]);
    $wallets = array_filter($session->payment_methods, static fn (string $wallet): bool => isset($template->rows->$wallet));
    $amount = format_amount($session->amount, $selector->locales->$locale->amounts);
    $isOpen = $session->status === 'open' && new DateTimeImmutable($session->server_time) < new DateTimeImmutable($session->expires_at);
    if (!$isOpen || isset($session->payment) || !$wallets || $amount === null) {
        return "<open-cashier$element></open-cashier>";
    }
    $texts = array_map('escape', [
        'merchant' => $session->merchant_name, 'description' => $session->description, 'amount' => $amount,
        'hosted_url' => $session->hosted_url, 'theme' => 'auto', 'version' => $selector->version,
    ]);
    $isPicked = count($wallets) === 1;
    $pieces = static fn (?stdClass $ofWallets): string => implode('', array_map(static fn (string $wallet): string => fill($ofWallets->$wallet ?? '', $texts), $wallets));
    $html = fill($template->html, $texts + [
        'rows' => $pieces($isPicked ? $template->picked_rows : $template->rows),
        'details' => $pieces(($isPicked ? $template->picked_details : $template->details) ?? null),
        'description_line' => $session->description === '' ? '' : fill($template->description_line, $texts),
        'pay_button' => fill($template->pay_button, $texts),
    ]);
    $style = '<style' . attributes(['nonce' => $nonce]) . ">{$selector->styles->css}</style>";
    return "<open-cashier$element><template shadowrootmode=\"open\" shadowrootdelegatesfocus>$style$html</template></open-cashier>";
}

/** Formats an amount in minor units; null if there is no pattern for its currency. */
function format_amount(stdClass $amount, stdClass $patterns): ?string
{
    $pattern = $patterns->{$amount->currency} ?? null;
    if ($pattern === null) {
        return null;
    }
    $text = str_pad((string) $amount->value, $pattern->digits + 1, '0', STR_PAD_LEFT);
    $whole = substr($text, 0, strlen($text) - $pattern->digits);
    $grouped = strrev(implode(strrev($pattern->group), str_split(strrev($whole), 3)));
    $minor = $pattern->digits > 0 ? $pattern->decimal . substr($text, -$pattern->digits) : '';
    return $pattern->prefix . $grouped . $minor . $pattern->suffix;
}

/**
 * Fills a template in one pass, so that values are not searched for slots.
 *
 * @param array<string, string> $slots
 */
function fill(string $template, array $slots): string
{
    return (string) preg_replace_callback('/\$\{(\w+)\}/', static fn (array $found): string => $slots[$found[1]], $template);
}

/** Refuses a template with a slot that this file does not fill: a shopper would read it. */
function check_slots(stdClass $template): void
{
    foreach (get_object_vars($template) as $name => $part) {
        $known = $name === 'html' ? [...TEXT_SLOTS, ...PIECE_SLOTS] : TEXT_SLOTS;
        foreach ($part instanceof stdClass ? get_object_vars($part) : [$part] as $text) {
            preg_match_all('/\$\{(\w+)\}/', $text, $found);
            if ($unknown = array_diff($found[1], $known)) {
                throw new LogicException('selector.json has unknown slots: ' . implode(', ', $unknown));
            }
        }
    }
}

function escape(string $text): string
{
    return htmlspecialchars($text, ENT_QUOTES | ENT_SUBSTITUTE | ENT_HTML5, 'UTF-8');
}

/** @param array<string, string> $all */
function attributes(array $all): string
{
    return implode('', array_map(static fn (string $name, string $value): string => " $name=\"" . escape($value) . '"', array_keys($all), $all));
}
