// A part of a Plotly figure, with plotly.js's own attribute names (https://plotly.com/javascript/reference), in the order written.
global using Node = System.Collections.Generic.Dictionary<string, object?>;
