using System.Globalization;
using System.Net;

namespace DIDD.Figures;

/// <summary>A figure as HTML: a part of a page, and a page of its own.</summary>
internal static class FigureHtml
{
    /// <summary>
    /// An element that shows title and caption until plotly.js has drawn over them, which may be never: in a page without scripts, or without a network.
    /// Plotly comes from the page where the page has it, else through RequireJS where the page has that, else from the public CDN.
    /// </summary>
    public static string Fragment(string hash, string title, string caption, int height, string json) => $$"""
        <div id="didd-{{hash}}" class="didd-figure" style="width:100%;min-height:{{height.ToString(CultureInfo.InvariantCulture)}}px">
        <p><strong>{{WebUtility.HtmlEncode(title)}}</strong></p>
        <p>{{Labels.HtmlLinks(caption)}}</p>
        <p><em>This figure is interactive: it appears where scripts run and plotly.js can be loaded.</em></p>
        </div>
        <script type="text/javascript">
        (function () {
          var figure = {{json}};
          function draw(Plotly) {
            document.querySelectorAll('[id="didd-{{hash}}"]:not([data-drawn])').forEach(function (element) {
              element.setAttribute('data-drawn', '');
              element.textContent = '';
              Plotly.newPlot(element, JSON.parse(JSON.stringify(figure)));
            });
          }
          if (window.Plotly) {
            draw(window.Plotly);
          } else if (typeof window.requirejs === 'function' && typeof window.requirejs.config === 'function') {
            window.requirejs.config({ context: 'didd-figures', paths: { plotly: '{{PlotlyJs.Cdn.OriginalString[..^3]}}' } })(['plotly'], draw);
          } else {
            var script = document.querySelector('script[data-didd-plotly]');
            if (!script) {
              script = document.createElement('script');
              script.src = '{{PlotlyJs.Cdn}}';
              script.setAttribute('data-didd-plotly', '');
              document.head.appendChild(script);
            }
            script.addEventListener('load', function () { draw(window.Plotly); });
          }
        })();
        </script>
        """;

    /// <summary>A page with plotly.js inside, which opens anywhere.</summary>
    public static string Page(string title, string fragment) => $$"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width">
        <meta name="color-scheme" content="light dark">
        <title>{{WebUtility.HtmlEncode(title)}}</title>
        <style>body { font-family: {{Theme.Font}}; margin: 16px; }</style>
        <script>{{PlotlyJs.Source}}</script>
        </head>
        <body>
        {{fragment}}
        </body>
        </html>

        """;
}
