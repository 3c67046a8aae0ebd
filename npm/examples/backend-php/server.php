<?php
// A shop's server in PHP, without a framework: opens a session for an order, writes the checkout into
// the order page, and receives webhooks.
// Usage: API_BASE=http://127.0.0.1:8001 SECRET_KEY=sk_… WEBHOOK_SECRET=whsec_… DIST=dist php -S 127.0.0.1:4321 server.php
declare(strict_types=1);

require __DIR__ . '/api.php';
require __DIR__ . '/embed.php';
require __DIR__ . '/webhook.php';

/** The orders of the shop; a real one has a database. Prices never come from the browser. */
const ORDERS = ['1001' => ['amount' => 12_800, 'description' => 'Longjing tea, 250 g'], '1002' => ['amount' => 9_900, 'description' => 'A <b> & "cup"']];

/** A longer webhook is cut, so that its signature is wrong. */
const MAX_BODY_BYTES = 64 * 1024;

$apiBase = rtrim((string) getenv('API_BASE'), '/');
$dist = (string) getenv('DIST');
$paidOrders = (string) (getenv('PAID_ORDERS') ?: sys_get_temp_dir() . '/opencashier-paid-orders');
$path = (string) parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);

try {
    if (preg_match('#^/orders/(\d+)$#', $path, $found) && isset(ORDERS[$found[1]])) {
        order_page($found[1], $apiBase, $dist, is_paid($found[1], $paidOrders));
    } elseif ($path === '/webhooks' && $_SERVER['REQUEST_METHOD'] === 'POST') {
        $event = verify_webhook((string) file_get_contents('php://input', false, null, 0, MAX_BODY_BYTES), webhook_headers(), (string) getenv('WEBHOOK_SECRET'), time());
        // The same event may come again: writing the order down twice changes nothing.
        if ($event->type === 'checkout.session.completed') {
            file_put_contents($paidOrders, $event->data->order_id . "\n", FILE_APPEND | LOCK_EX);
        }
        http_response_code(204);
    } elseif (preg_match('#^/opencashier/(\w[\w.-]*(?:/\w[\w.-]*)?)$#D', $path, $found) && is_file("$dist/$found[1]")) {
        send_file("$dist/$found[1]");
    } else {
        http_response_code($path === '/favicon.ico' ? 204 : 404);
    }
} catch (WebhookRefused $refused) {
    error_log($refused->getMessage());
    http_response_code(400);
} catch (ApiProblem $problem) {
    error_log($problem->getMessage());
    http_response_code(502);
    echo 'The checkout is not available now. Please try again.';
}

/** The order page, with the checkout in it. */
function order_page(string $id, string $apiBase, string $dist, bool $isPaid): void
{
    $order = ORDERS[$id];
    // The same key for the same order: a page that is loaded again gets the same session.
    $opened = call_api('POST', "$apiBase/v1/checkout/sessions", "order-$id", [
        'order_id' => $id,
        'amount' => ['value' => $order['amount'], 'currency' => 'CNY'],
        'description' => $order['description'],
    ]);
    $nonce = base64_encode(random_bytes(16));
    $selector = json_decode((string) file_get_contents("$dist/selector.json"), false, 512, JSON_THROW_ON_ERROR);
    $checkout = embed($selector, $opened->session, $opened->client_secret, $apiBase, 'en', $nonce);
    $api = parse_url($apiBase, PHP_URL_SCHEME) . '://' . preg_replace('#^\w+://([^/]+).*$#', '$1', $apiBase);
    header('Content-Type: text/html; charset=utf-8');
    // The page has the client secret.
    header('Cache-Control: no-store');
    header("Content-Security-Policy: default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'nonce-$nonce'; img-src 'self'; "
        . "connect-src 'self' $api; form-action 'self' $api; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'");
    echo '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">',
        '<title>Your order</title><script type="module" src="/opencashier/opencashier.js"></script></head><body><main><h1>',
        $isPaid ? 'Thank you' : 'Pay for your order', '</h1>', $checkout, '</main></body></html>';
}

function is_paid(string $id, string $paidOrders): bool
{
    return is_file($paidOrders) && in_array($id, file($paidOrders, FILE_IGNORE_NEW_LINES) ?: [], true);
}

/** The widget's files. A real shop lets its web server send them. */
function send_file(string $file): void
{
    $types = ['js' => 'text/javascript', 'css' => 'text/css', 'wasm' => 'application/wasm', 'json' => 'application/json'];
    header('Content-Type: ' . ($types[pathinfo($file, PATHINFO_EXTENSION)] ?? 'application/octet-stream'));
    readfile($file);
}
