(function () {
  "use strict";
  var NARROW = 640;
  var config = {
    displaylogo: false, responsive: true,
    displayModeBar: window.matchMedia("(hover: none)").matches ? false : "hover",
    modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d"],
    toImageButtonOptions: {format: "svg"}
  };

  // -- figures: drawn when they come near the window, when they are unfolded, and before printing
  function isNarrow(place) { return place.clientWidth < NARROW; }
  function layoutFor(place, figure) {
    return JSON.parse(JSON.stringify(isNarrow(place) ? figure.narrow : figure.wide));
  }
  function draw(place) {
    if (place.dataset.drawn || !place.clientWidth) { return; }
    place.dataset.drawn = "yes";
    var script = document.querySelector('script[data-plot="' + CSS.escape(place.id) + '"]');
    var figure = JSON.parse(script.textContent);
    var narrow = isNarrow(place);
    place.style.minHeight = "";
    Plotly.newPlot(place, figure.data, layoutFor(place, figure), config);
    window.addEventListener("resize", function () {
      if (place.clientWidth && isNarrow(place) !== narrow) {
        narrow = !narrow;
        Plotly.react(place, figure.data, layoutFor(place, figure), config);
      }
    });
  }
  function reserve(place) {
    if (place.dataset.drawn || !place.clientWidth) { return; }
    place.style.minHeight = (isNarrow(place) ? place.dataset.narrow : place.dataset.wide) + "px";
  }
  var plots = document.querySelectorAll(".plot");
  if ("IntersectionObserver" in window) {
    var observer = new IntersectionObserver(function (entries) {
      entries.forEach(function (entry) { if (entry.isIntersecting) { draw(entry.target); } });
    }, {rootMargin: "600px 0px"});
    plots.forEach(function (place) { reserve(place); observer.observe(place); });
  } else {
    plots.forEach(draw);
  }
  document.querySelectorAll("details").forEach(function (details) {
    details.addEventListener("toggle", function () { details.querySelectorAll(".plot").forEach(reserve); });
  });
  window.addEventListener("beforeprint", function () { plots.forEach(draw); });

  // -- tables to download and text to copy
  document.querySelectorAll("button[data-download]").forEach(function (button) {
    button.addEventListener("click", function () {
      var name = button.dataset.download;
      var text = document.querySelector('pre[data-file="' + CSS.escape(name) + '"]').textContent;
      var link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([text], {type: "text/tab-separated-values"}));
      link.download = name;
      link.click();
      setTimeout(function () { URL.revokeObjectURL(link.href); }, 1000);
    });
  });
  function select(element) {
    var range = document.createRange();
    range.selectNodeContents(element);
    var selection = window.getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
  }
  document.querySelectorAll("button[data-copy]").forEach(function (button) {
    var said = button.textContent;
    button.addEventListener("click", function () {
      var element = document.getElementById(button.dataset.copy);
      function tell(done) {
        button.textContent = done ? "Copied" : "Selected: copy it with the keyboard";
        setTimeout(function () { button.textContent = said; }, 2500);
      }
      function byHand() { select(element); tell(document.execCommand("copy")); }
      if (navigator.clipboard) {
        navigator.clipboard.writeText(element.textContent).then(function () { tell(true); }, byHand);
      } else {
        byHand();
      }
    });
  });
}());
