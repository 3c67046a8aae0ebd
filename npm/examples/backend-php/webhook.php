<?php
// Verifies webhooks after the Standard Webhooks convention.
declare(strict_types=1);

/** The webhook is not the backend's, or not of now: answer 400 and do nothing. */
final class WebhookRefused extends RuntimeException
{
}

/** Limit of the difference between a webhook's time and now, in seconds. */
const TOLERANCE_S = 300;

/**
 * Verifies a webhook and returns its event.
 *
 * @param string $body as it was received, before any parser
 * @param array{id: string, timestamp: string, signature: string} $headers
 */
function verify_webhook(string $body, array $headers, string $secret, int $now): stdClass
{
    ['id' => $id, 'timestamp' => $timestamp, 'signature' => $signatures] = $headers;
    $key = str_starts_with($secret, 'whsec_') ? base64_decode(substr($secret, 6), true) : false;
    if ($key === false || $key === '') {
        throw new LogicException('WEBHOOK_SECRET must be the whsec_… of the backend\'s configuration');
    }
    if ($id === '' || !preg_match('/^\d{1,12}$/', $timestamp) || abs($now - (int) $timestamp) > TOLERANCE_S) {
        throw new WebhookRefused('the webhook has no id, or its time is not now');
    }
    $expected = base64_encode(hash_hmac('sha256', "$id.$timestamp.$body", $key, true));
    $isSigned = false;
    // While secrets are changed there is a signature by each.
    foreach (explode(' ', $signatures) as $signature) {
        // Compares in constant time.
        $isSigned = hash_equals("v1,$expected", $signature) || $isSigned;
    }
    $event = $isSigned ? json_decode($body) : null;
    if (!$event instanceof stdClass) {
        throw new WebhookRefused('the webhook is not signed by this secret');
    }
    return $event;
}

/** @return array{id: string, timestamp: string, signature: string} */
function webhook_headers(): array
{
    $header = static fn (string $name): string => (string) ($_SERVER["HTTP_WEBHOOK_$name"] ?? '');
    return ['id' => $header('ID'), 'timestamp' => $header('TIMESTAMP'), 'signature' => $header('SIGNATURE')];
}
