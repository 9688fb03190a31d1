//! Plots as SVG that follow the page's dark or light theme: shapes are drawn in placeholder
//! colours, which are then replaced by classes of the style sheet.

use maud::{Markup, PreEscaped, html};
use plotters::prelude::*;

use crate::axis::Axis;

/// Plotters rounds positions to whole numbers, so plots are drawn at several units per page pixel.
const SCALE: u32 = 4;
const WIDTH: u32 = 400 * SCALE;
const HEIGHT: u32 = 240 * SCALE;

/// The meaning of a shape; the style sheet has a class for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    Train,
    Validation,
    Diverged,
    Grid,
    Text,
}

impl Mark {
    const ALL: [Self; 5] = [
        Self::Train,
        Self::Validation,
        Self::Diverged,
        Self::Grid,
        Self::Text,
    ];

    pub fn class(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Validation => "validation",
            Self::Diverged => "diverged",
            Self::Grid => "grid",
            Self::Text => "text",
        }
    }

    fn stand_in(self) -> RGBColor {
        RGBColor(1, 2, self as u8)
    }
}

/// A shape in data coordinates. Points outside the axes are moved to their ends.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Shape {
    Line(Vec<(f64, f64)>),
    /// Between a lower and an upper line: `(x, lower, upper)`.
    Band(Vec<(f64, f64, f64)>),
    Dot(f64, f64),
    Cross(f64, f64),
    /// At x, from a lower to an upper y.
    ErrorBar(f64, f64, f64),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Plot {
    pub x: Axis,
    pub y: Axis,
    pub shapes: Vec<(Mark, Shape)>,
}

/// Whether a plot can show a number. The limit keeps the width of the axis finite, too.
pub(crate) fn plottable(number: f64) -> bool {
    number.abs() < 1e12
}

impl Plot {
    /// The plot as an image. `title` names it and `gist` describes it in words; `id` must be
    /// unique.
    pub fn image(&self, id: &str, title: &str, gist: &str) -> Markup {
        // Drawing to a string does not fail.
        let drawn = self.draw().unwrap_or_default();
        html! {
            svg.plot viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="img"
                aria-labelledby={ (id) "-title " (id) "-gist" } {
                title id={ (id) "-title" } { (title) }
                desc id={ (id) "-gist" } { (gist) }
                (PreEscaped(themed(&drawn)))
            }
        }
    }

    fn draw(&self) -> Result<String, Box<dyn std::error::Error>> {
        let mut svg = String::new();
        {
            let area = SVGBackend::with_string(&mut svg, (WIDTH, HEIGHT)).into_drawing_area();
            let mut chart = ChartBuilder::on(&area)
                .margin_top(10 * SCALE)
                .margin_right(14 * SCALE)
                .margin_left(4 * SCALE)
                .x_label_area_size(38 * SCALE)
                .y_label_area_size(50 * SCALE)
                .build_cartesian_2d(self.x.clone(), self.y.clone())
                .map_err(|error| error.to_string())?;
            // Plotters writes sizes into the SVG divided by 1.24.
            let font = ("sans-serif", 11.0 * 1.24 * f64::from(SCALE));
            let text = font.into_font().color(&Mark::Text.stand_in());
            let grid = Mark::Grid.stand_in().stroke_width(SCALE);
            chart
                .configure_mesh()
                .disable_x_mesh()
                .max_light_lines(0)
                .bold_line_style(grid)
                .axis_style(grid)
                .label_style(text.clone())
                .axis_desc_style(text)
                .x_desc(&self.x.title)
                .y_desc(&self.y.title)
                .draw()
                .map_err(|error| error.to_string())?;
            for (mark, shape) in &self.shapes {
                self.draw_shape(&mut chart, *mark, shape)?;
            }
            area.present().map_err(|error| error.to_string())?;
        }
        Ok(svg)
    }

    fn draw_shape(
        &self,
        chart: &mut ChartContext<SVGBackend, Cartesian2d<Axis, Axis>>,
        mark: Mark,
        shape: &Shape,
    ) -> Result<(), Box<dyn std::error::Error>> {
        let colour = mark.stand_in();
        let line = colour.stroke_width(2 * SCALE);
        let at = |x: f64, y: f64| {
            let (columns, rows) = (&self.x.range, &self.y.range);
            (
                x.clamp(columns.start, columns.end),
                y.clamp(rows.start, rows.end),
            )
        };
        let area = chart.plotting_area();
        match shape {
            Shape::Line(points) => {
                let points: Vec<_> = points.iter().map(|&(x, y)| at(x, y)).collect();
                area.draw(&PathElement::new(points, line))
            }
            Shape::Band(points) => {
                let lower = points.iter().map(|&(x, lower, _)| at(x, lower));
                let upper = points.iter().rev().map(|&(x, _, upper)| at(x, upper));
                let around: Vec<_> = lower.chain(upper).collect();
                area.draw(&Polygon::new(around, colour.filled()))
            }
            Shape::Dot(x, y) => area.draw(&Circle::new(at(*x, *y), 4 * SCALE, colour.filled())),
            Shape::Cross(x, y) => area.draw(&Cross::new(at(*x, *y), 5 * SCALE, line)),
            Shape::ErrorBar(x, low, high) => {
                let bar = vec![at(*x, *low), at(*x, *high)];
                area.draw(&PathElement::new(bar, line))
            }
        }
        .map_err(|error| error.to_string().into())
    }
}

/// The content of the SVG, with classes instead of placeholder colours.
fn themed(svg: &str) -> String {
    let inside = svg
        .split_once("<svg")
        .and_then(|(_, rest)| rest.split_once('>'));
    let inside = inside.map_or("", |(_, rest)| rest.trim_end().trim_end_matches("</svg>"));
    let mut themed = inside.to_owned();
    for mark in Mark::ALL {
        let RGBColor(red, green, blue) = mark.stand_in();
        let colour = format!("#{red:02X}{green:02X}{blue:02X}");
        for (attribute, class) in [("stroke", "line"), ("fill", "area")] {
            let drawn = format!("{attribute}=\"{colour}\"");
            themed = themed.replace(&drawn, &format!("class=\"{class} {}\"", mark.class()));
        }
    }
    themed
}
