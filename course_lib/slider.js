// A native range with its name and value, and below it the figure that Python draws: mouse, touch, keys and screen readers
// know what to do with it. What `model` holds is in slider.py.

const MOVES = /^(Arrow|Home|End|Page)/;

const sentences = (image) => image.alt.split(/(?<=[.;]) /);

function render({ model, el, signal }) {
  const add = (tag, properties, parent) => parent.appendChild(Object.assign(document.createElement(tag), properties));
  const drawn = () => new DOMParser().parseFromString(model.get("figure"), "text/html").images[0];
  const labels = model.get("labels");

  el.classList.add("djdx-slider");
  const label = add("label", { textContent: model.get("name") }, el);
  const range = add("input", { type: "range", min: 0, max: labels.length - 1 }, label);
  const value = add("span", { ariaHidden: "true" }, label); // a screen reader has it from the range
  const image = el.appendChild(drawn());
  const news = add("div", { className: "djdx-news", role: "status" }, el);

  const move = () => {
    range.value = model.get("index");
    value.textContent = labels[range.value];
    range.setAttribute("aria-valuetext", value.textContent);
  };
  // In the same element, where the old figure stands until the new one can be seen. Said aloud is what is new in its alt text.
  const show = () => {
    const said = sentences(image);
    for (const { name, value } of drawn().attributes) image.setAttribute(name, value);
    news.textContent = sentences(image).filter((sentence) => !said.includes(sentence)).join(" ");
  };
  move();
  model.on("change:index", move);
  model.on("change:figure", show);

  range.addEventListener("input", () => {
    model.set("index", range.valueAsNumber);
    model.save_changes(); // goes out when the last one is answered, and only the newest does: drawings never queue up
  });
  // JupyterLab and Notebook listen on the document, and would take these keys for their cells.
  const keep = (event) => event.target === range && MOVES.test(event.key) && event.stopPropagation();
  window.addEventListener("keydown", keep, { capture: true, signal });
}

export default { render };
