(function () {
  "use strict";
  var NARROW = 640;
  var config = {
    displaylogo: false, responsive: true,
    modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d"],
    toImageButtonOptions: {format: "svg"}
  };
  function layoutFor(place, figure) {
    return JSON.parse(JSON.stringify(place.clientWidth < NARROW ? figure.narrow : figure.wide));
  }
  function draw(script) {
    var place = document.getElementById(script.dataset.plot);
    if (place.dataset.drawn || !place.clientWidth) { return; }
    place.dataset.drawn = "yes";
    var figure = JSON.parse(script.textContent);
    var narrow = place.clientWidth < NARROW;
    Plotly.newPlot(place, figure.data, layoutFor(place, figure), config);
    window.addEventListener("resize", function () {
      if (place.clientWidth && (place.clientWidth < NARROW) !== narrow) {
        narrow = !narrow;
        Plotly.react(place, figure.data, layoutFor(place, figure), config);
      }
    });
  }
  function drawAll(root) {
    root.querySelectorAll("script[data-plot]").forEach(draw);
  }
  drawAll(document);
  document.querySelectorAll("details").forEach(function (details) {
    details.addEventListener("toggle", function () { drawAll(details); });
  });
}());
