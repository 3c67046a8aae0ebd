//! Traces by OTLP over HTTP, with the feature `otlp`.
//!
//! `OTEL_EXPORTER_OTLP_ENDPOINT` switches them on. The SDK reads its other variables itself, such
//! as `OTEL_SERVICE_NAME`, `OTEL_TRACES_SAMPLER` and `OTEL_EXPORTER_OTLP_HEADERS`.

use std::time::Duration;

use gateways::{chain, tls_config};
use http::HeaderMap;
use opentelemetry::propagation::TextMapPropagator as _;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_http::{
    Bytes, HeaderExtractor, HeaderInjector, HttpClient, HttpError, Request, Response,
};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use reqwest::redirect::Policy;
use tokio::runtime::Handle;
use tracing::{Span, Subscriber};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::registry::LookupSpan;

/// The export of traces.
#[derive(Debug)]
pub struct Traces(SdkTracerProvider);

impl Traces {
    /// Sets the export up if the environment names a collector. Needs a Tokio runtime, which must
    /// live until [`Traces::stop`].
    ///
    /// # Errors
    /// A variable of the environment is not understood, or TLS cannot be set up.
    pub fn start() -> Result<Option<Self>, String> {
        let is_set = |name: &&str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        if ![ENDPOINT, TRACES_ENDPOINT].iter().any(is_set) {
            return Ok(None);
        }
        let tls = tls_config().map_err(|error| error.to_string())?;
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(Policy::none())
            .timeout(TIMEOUT)
            .build()
            .map_err(|error| chain(&error))?;
        let exporter = SpanExporter::builder()
            .with_http()
            .with_protocol(Protocol::HttpBinary)
            .with_http_client(Client { client, runtime: Handle::current() })
            .build()
            .map_err(|error| format!("{ENDPOINT}: {error}"))?;
        let mut resource = Resource::builder();
        if std::env::var_os(SERVICE_NAME).is_none() {
            resource = resource.with_service_name("opencashier-merchant");
        }
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_resource(resource.build())
            .build();
        Ok(Some(Self(provider)))
    }

    /// Returns the layer of the log that exports this program's spans, of the level `debug` and
    /// above.
    pub fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'span> LookupSpan<'span>,
    {
        // Only our own spans: those of the client that exports would be exported again.
        let ours = Targets::new().with_target("merchant", tracing::Level::DEBUG);
        let tracer = self.0.tracer("merchant");
        tracing_opentelemetry::layer().with_tracer(tracer).with_filter(ours)
    }

    /// Sends what is left, and stops. Blocks for at most a second.
    pub fn stop(self) {
        if let Err(error) = self.0.shutdown_with_timeout(STOP_TIMEOUT) {
            tracing::warn!("the last traces could not be exported: {error}");
        }
    }
}

/// Makes a span a part of the trace that the headers name.
pub(crate) fn continue_trace(span: &Span, headers: &HeaderMap) {
    let context = TraceContextPropagator::new().extract(&HeaderExtractor(headers));
    // Without an export there is no layer, and nothing to continue.
    let _ = span.set_parent(context);
}

/// Returns the headers by which a receiver continues the present trace; none without an export.
pub(crate) fn propagation_headers() -> HeaderMap {
    let mut headers = HeaderMap::new();
    let context = Span::current().context();
    TraceContextPropagator::new().inject_context(&context, &mut HeaderInjector(&mut headers));
    headers
}

/// Sends batches from the SDK's own thread by the client and the runtime of the program.
#[derive(Debug)]
struct Client {
    client: reqwest::Client,
    runtime: Handle,
}

#[async_trait::async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let client = self.client.clone();
        let sending = async move {
            let answer = client.execute(request.try_into()?).await?;
            let mut response = Response::builder().status(answer.status());
            if let Some(headers) = response.headers_mut() {
                *headers = answer.headers().clone();
            }
            // The collector's answer has no effect; of a failure its status is enough.
            Ok::<_, HttpError>(response.body(Bytes::new())?)
        };
        self.runtime.spawn(sending).await?
    }
}

const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
const TRACES_ENDPOINT: &str = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
const SERVICE_NAME: &str = "OTEL_SERVICE_NAME";
const TIMEOUT: Duration = Duration::from_secs(5);
/// Time for the last batch: what is left of the 20 s in which the program ends.
const STOP_TIMEOUT: Duration = Duration::from_secs(1);
