<?php
// Calls of the merchant API by the merchant's own server.
declare(strict_types=1);

/** A call was refused, or its outcome is not known: repeat it with the same idempotency key. */
final class ApiProblem extends RuntimeException
{
}

/** Number of tries of one call. */
const TRIES = 3;

/**
 * Makes a call and returns the answer. Repeats it, under the same key, after connection errors and
 * where the backend says that it may succeed later.
 *
 * @param array<string, mixed>|null $body
 */
function call_api(string $method, string $address, ?string $idempotencyKey = null, ?array $body = null): stdClass
{
    $headers = ['Authorization: Bearer ' . getenv('SECRET_KEY')];
    if ($idempotencyKey !== null) {
        $headers[] = "Idempotency-Key: $idempotencyKey";
    }
    if ($body !== null) {
        $headers[] = 'Content-Type: application/json';
    }
    $context = stream_context_create(['http' => [
        'method' => $method, 'header' => $headers, 'content' => $body === null ? '' : json_encode($body, JSON_THROW_ON_ERROR),
        'timeout' => 20, 'ignore_errors' => true, 'follow_location' => 0,
    ]]);
    for ($try = 1; ; $try++) {
        $http_response_header = [];
        $text = @file_get_contents($address, false, $context);
        $answer = json_decode((string) $text);
        $status = preg_match('#^HTTP/\S+ (\d+)#', $http_response_header[0] ?? '', $found) ? (int) $found[1] : 0;
        if ($status >= 200 && $status < 300 && $answer instanceof stdClass) {
            return $answer;
        }
        $mayRepeat = $answer->retryable ?? ($status === 0 || $status === 429 || $status >= 500);
        if (!$mayRepeat || $try >= TRIES) {
            // The problem's `request_id` finds the call in the backend's log.
            throw new ApiProblem("$method $address: $status " . ($answer->code ?? '') . ' ' . ($answer->detail ?? 'not answered') . ' ' . ($answer->request_id ?? ''));
        }
        $wait = preg_grep('/^Retry-After: \d+$/i', $http_response_header);
        sleep($wait ? min(30, (int) preg_replace('/\D/', '', reset($wait))) : $try);
    }
}
