//! The report as a page: one file, with its drawings in it.

use std::fmt::Write as _;
use std::time::Duration;

use super::report::{Figures, Point, Report};

/// The size of a drawing, and the room for what is written beside it.
const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 200.0;
const LEFT: f64 = 56.0;
const BOTTOM: f64 = 22.0;
/// Without and with the gateway.
const BEFORE: &str = "#c2410c";
const AFTER: &str = "#0f766e";
/// Targets, in turn.
const COLOURS: [&str; 6] = ["#0f766e", "#7c3aed", "#b45309", "#0369a1", "#be185d", "#4d7c0f"];

const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;max-width:820px;margin:2rem auto;padding:0 1rem;color:#1c1917}\
h1{font-size:1.5rem}h2{font-size:1.1rem;margin:2rem 0 .3rem}table{border-collapse:collapse;width:100%}\
td,th{padding:.25rem .6rem;border-bottom:1px solid #e7e5e4;text-align:right}td:first-child,th:first-child{text-align:left}\
svg{width:100%;height:auto}svg text{font-size:11px;fill:#57534e}.bar{height:4px;margin-top:2px}.key{margin-right:1rem}";

/// The page.
pub(super) fn page(report: &Report) -> String {
    let Report { before, after, .. } = report;
    let mut html = String::with_capacity(64 << 10);
    let title = format!("Route {}", escape(&report.route));
    let shown = humantime::format_duration(report.duration);
    let _ = write!(
        html,
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title><style>{STYLE}</style></head>\n\
         <body><h1>{title}</h1>\n<p>{} requests, {} a second for {shown}, in virtual time; seed {}. <b style=\"color:{BEFORE}\">Before</b>: one \
         try at the first target. <b style=\"color:{AFTER}\">After</b>: the same requests through the gateway.</p>\n",
        after.requests, report.rate, report.seed
    );
    table(&mut html, before, after);
    let both = [(before, BEFORE), (after, AFTER)];
    let errors = |point: &Point| (point.requests > 0).then(|| float(point.failures) / float(point.requests));
    let lines = both.map(|(figures, colour)| line(report, figures, colour, errors));
    chart(&mut html, report, "Share of requests that failed", &lines, |share| format!("{:.0} %", share * 100.0));
    let p95 = |point: &Point| Some(point.p95?.as_secs_f64());
    let lines = both.map(|(figures, colour)| line(report, figures, colour, p95));
    chart(&mut html, report, "95th percentile of the time to an answer", &lines, |seconds| format!("{seconds:.1} s"));
    traffic(&mut html, report);
    html.push_str("</body></html>\n");
    html
}

/// The figures side by side.
fn table(html: &mut String, before: &Figures, after: &Figures) {
    let in_seconds = |time: Duration| time.as_secs_f64();
    let seconds = |value: f64| format!("{value:.2} s");
    let percent = |value: f64| format!("{:.3} %", value * 100.0);
    html.push_str("<table><tr><th></th><th>before</th><th>after</th></tr>\n");
    let mut row = |name: &str, pick: &dyn Fn(&Figures) -> f64, show: &dyn Fn(f64) -> String| {
        let most = pick(before).max(pick(after)).max(f64::MIN_POSITIVE);
        let _ = write!(html, "<tr><td>{name}</td>");
        for (figures, colour) in [(before, BEFORE), (after, AFTER)] {
            let (value, share) = (show(pick(figures)), 100.0 * pick(figures) / most);
            let bar = format!("<div class=\"bar\" style=\"width:{share:.1}%;background:{colour}\"></div>");
            let _ = write!(html, "<td>{value}{bar}</td>");
        }
        html.push_str("</tr>\n");
    };
    row("failed", &|figures| figures.error_rate, &percent);
    row("p50", &|figures| in_seconds(figures.latency.p50), &seconds);
    row("p95", &|figures| in_seconds(figures.latency.p95), &seconds);
    row("p99", &|figures| in_seconds(figures.latency.p99), &seconds);
    row("p99.9", &|figures| in_seconds(figures.latency.p999), &seconds);
    row("attempts a request", &|figures| figures.attempts_per_request, &|value| format!("{value:.3}"));
    row("hedges", &|figures| float(figures.hedges), &|value| format!("{value:.0}"));
    #[expect(clippy::cast_precision_loss, reason = "it is shown with four digits")]
    row("cost", &|figures| figures.cost.nano_usd as f64 / 1e9, &|value| format!("{value:.4} USD"));
    html.push_str("</table>\n<p>Times are those of requests that were answered.");
    for (word, figures) in [("before", before), ("after", after)] {
        let kinds: Vec<_> = figures.kinds.iter().map(|(kind, count)| format!("{count} {}", escape(kind))).collect();
        if !kinds.is_empty() {
            let _ = write!(html, " Failed {word}: {}.", kinds.join(", "));
        }
    }
    html.push_str("</p>\n");
}

/// A line of a drawing.
struct Line {
    colour: &'static str,
    /// Moments, from 0 to 1, and values. A gap has none.
    points: Vec<(f64, Option<f64>)>,
}

fn line(report: &Report, figures: &Figures, colour: &'static str, value: impl Fn(&Point) -> Option<f64>) -> Line {
    let points = within(report, figures).map(|point| (moment(report, point), value(point)));
    Line { colour, points: points.collect() }
}

/// The points of the run itself.
fn within<'a>(report: &'a Report, figures: &'a Figures) -> impl Iterator<Item = &'a Point> {
    figures.series.iter().filter(|point| point.at < report.duration)
}

fn moment(report: &Report, point: &Point) -> f64 {
    point.at.as_secs_f64() / report.duration.as_secs_f64()
}

fn chart(html: &mut String, report: &Report, title: &str, lines: &[Line], show: impl Fn(f64) -> String) {
    let values = lines.iter().flat_map(|line| &line.points).filter_map(|(_, value)| *value);
    let most = values.fold(0.0, f64::max).max(0.01);
    frame(html, report, title, &show(most));
    for Line { colour, points } in lines {
        let mut path = String::new();
        let mut pen = 'M';
        for (at, value) in points {
            let Some(value) = value else {
                pen = 'M';
                continue;
            };
            let _ = write!(path, "{pen}{:.1} {:.1}", across(*at), up(value / most));
            pen = 'L';
        }
        let _ = writeln!(html, "<path d=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.5\"/>");
    }
    html.push_str("</svg>\n");
}

/// Where requests went over time, through the gateway.
fn traffic(html: &mut String, report: &Report) {
    let points: Vec<_> = within(report, &report.after).collect();
    let total = |point: &Point| point.attempts.iter().sum::<u64>();
    let most = float(points.iter().map(|point| total(point)).max().unwrap_or(0).max(1));
    let rate = most / report.step.as_secs_f64();
    frame(html, report, "Attempts through the gateway, by target", &format!("{rate:.0}/s"));
    let mut key = String::new();
    for (index, (share, colour)) in report.after.targets.iter().zip(COLOURS.into_iter().cycle()).enumerate() {
        let sum = |point: &Point, count: usize| float(point.attempts.iter().take(count).sum()) / most;
        let edge = |point: &&Point, count| format!("{:.1} {:.1}", across(moment(report, point)), up(sum(point, count)));
        let top = points.iter().map(|point| edge(point, index + 1));
        let area: Vec<_> = top.chain(points.iter().rev().map(|point| edge(point, index))).collect();
        let _ = writeln!(html, "<path d=\"M{}Z\" fill=\"{colour}\" fill-opacity=\".75\"/>", area.join("L"));
        let answered = 100.0 * share.share;
        let _ = write!(
            key,
            "<span class=\"key\"><b style=\"color:{colour}\">&#9632;</b> {}: {} attempts, {answered:.1} % of answers</span>",
            escape(&share.target),
            share.attempts
        );
    }
    let _ = write!(html, "</svg>\n<p>{key}</p>\n");
}

/// The beginning of a drawing: its title, its axes and what they mean.
fn frame(html: &mut String, report: &Report, title: &str, most: &str) {
    let (right, floor) = (across(1.0), up(0.0));
    let end = humantime::format_duration(report.duration);
    let _ = writeln!(
        html,
        "<h2>{title}</h2>\n<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{title}\">\
         <path d=\"M{LEFT} {:.1}V{floor:.1}H{right:.1}\" fill=\"none\" stroke=\"#a8a29e\"/>\
         <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{most}</text><text x=\"{:.1}\" y=\"{floor:.1}\" text-anchor=\"end\">0</text>\
         <text x=\"{LEFT}\" y=\"{HEIGHT}\">0s</text><text x=\"{right:.1}\" y=\"{HEIGHT}\" text-anchor=\"end\">{end}</text>",
        up(1.0),
        LEFT - 6.0,
        up(1.0) + 8.0,
        LEFT - 6.0,
    );
}

fn across(share: f64) -> f64 {
    LEFT + share * (WIDTH - LEFT - 8.0)
}

fn up(share: f64) -> f64 {
    HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - 8.0)
}

#[expect(clippy::cast_precision_loss, reason = "no run has that many requests")]
fn float(count: u64) -> f64 {
    count as f64
}

/// Names come from files.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
