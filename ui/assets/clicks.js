// Tells Python which citation was clicked, and brings a new question to the top of the page. The buttons stand in HTML
// that Streamlit has sanitised (see ui/render.py), so the listener sits on the document and looks for data-cite.
const PATIENCE = 40; // times 50 ms: the question may not be drawn yet

function bringUp(turn, attempts) {
  const element = document.querySelector(`.st-key-turn-${CSS.escape(turn)}`);
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  if (element) element.scrollIntoView({ block: "start", behavior: calm ? "auto" : "smooth" });
  else if (attempts > 0) setTimeout(() => bringUp(turn, attempts - 1), 50);
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const turn = data.newest;
  if (turn && parentElement.dataset.newest !== turn) {
    parentElement.dataset.newest = turn;
    bringUp(turn, PATIENCE);
  }
  const listen = (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-cite]") : null;
    if (button) setTriggerValue("open", button.dataset.cite);
  };
  document.addEventListener("click", listen);
  return () => document.removeEventListener("click", listen);
}
