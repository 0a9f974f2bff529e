namespace DIDD.Figures;

/// <summary>A figure as a part of a page.</summary>
internal static class FigureHtml
{
    // Of the version whose JSON Plotly.NET writes.
    private const string Cdn = $"https://cdn.plot.ly/plotly-{Globals.PLOTLYJS_VERSION}.min.js";

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
            window.requirejs.config({ context: 'didd-figures', paths: { plotly: '{{Cdn[..^3]}}' } })(['plotly'], draw);
          } else {
            var script = document.querySelector('script[data-didd-plotly]');
            if (!script) {
              script = document.createElement('script');
              script.src = '{{Cdn}}';
              script.setAttribute('data-didd-plotly', '');
              document.head.appendChild(script);
            }
            script.addEventListener('load', function () { draw(window.Plotly); });
          }
        })();
        </script>
        """;
}
