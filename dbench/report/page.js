// Draws the charts, and hides what the two filters leave out.
const views = [];
const boxes = [...document.querySelectorAll("#methods input")];
const metric = document.getElementById("metric");

async function draw() {
  for (const place of document.querySelectorAll(".chart")) {
    const spec = JSON.parse(document.getElementById(place.dataset.spec).textContent);
    const { view } = await vegaEmbed(place, spec, { actions: false, renderer: "svg" });
    if (spec.params) views.push(view);
  }
  await filter();
  document.body.dataset.drawn = "yes"; // for tests
}

async function filter() {
  const methods = boxes.filter((box) => box.checked).map((box) => box.value);
  for (const thing of document.querySelectorAll("[data-metric], [data-method]")) {
    const other = metric.value && thing.dataset.metric && thing.dataset.metric !== metric.value;
    thing.hidden = Boolean(other || (thing.dataset.method && !methods.includes(thing.dataset.method)));
  }
  for (const view of views) await view.signal("methods", methods).runAsync();
}

const folds = [...document.querySelectorAll("details")];
const unfold = document.getElementById("unfold");
const open = () => folds.forEach((fold) => (fold.open = true));
unfold.hidden = !folds.length;
unfold.addEventListener("click", open);
addEventListener("beforeprint", open);

for (const box of boxes) box.addEventListener("change", filter);
metric.addEventListener("change", filter);
draw();
