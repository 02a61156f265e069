// Tells Python which place was clicked, brings a new question to the top of the page, and gives the panel of a place
// its keys and its focus. The buttons stand in HTML that Streamlit has sanitised (see ui/render.py), so the listener
// sits on the document and looks for data-cite.
const PATIENCE = 40; // times 50 ms: what is waited for may not be drawn yet
const SETTLING = 150; // ms in which what stood there before is replaced
const PANEL = ".st-key-place";
const NARROW = "(max-width: 900px)"; // as in style.css: the panel covers the page then

function soon(selector, then, attempts = PATIENCE) {
  const element = document.querySelector(selector);
  if (element) then(element);
  else if (attempts > 0) setTimeout(() => soon(selector, then, attempts - 1), 50);
}

function bringUp(element) {
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  element.scrollIntoView({ block: "start", behavior: calm ? "auto" : "smooth" });
}

function numberOf(target) {
  const name = CSS.escape(target);
  return document.querySelector(`.as-cite[data-cite="${name}"]`) ?? document.querySelector(`[data-cite="${name}"]`);
}

// The panel is closed: go on where it was opened, without a card over it (see looks.js).
function comeBack(target) {
  document.body.dataset.asQuiet = "true";
  numberOf(target)?.focus({ preventScroll: true });
  delete document.body.dataset.asQuiet;
}

// A place has come into the panel: name the panel, and go to the words where there is no page to look at.
function settle(panel, isNew) {
  const title = panel.querySelector(".as-place-title");
  const covers = window.matchMedia(NARROW).matches;
  panel.setAttribute("role", "dialog");
  panel.setAttribute("aria-modal", String(covers));
  panel.setAttribute("aria-label", title?.textContent ?? "");
  if (isNew) title?.focus({ preventScroll: true });
  panel.scrollTop = 0;
  setTimeout(() => soon(`${PANEL} .as-text mark`, (words) => goTo(panel, words)), SETTLING);
}

function goTo(panel, words) {
  if (panel.querySelector(".st-key-place-page :is(img, .as-skeleton)")) return;
  const below = words.getBoundingClientRect().top - panel.getBoundingClientRect().top;
  panel.scrollTop += Math.max(0, below - panel.clientHeight / 3);
}

function isTyping(element) {
  return element instanceof Element && element.closest("input, textarea, select, [contenteditable='true']") !== null;
}

function press(name) {
  const button = document.querySelector(`.st-key-place-icon-${name} button:enabled`);
  button?.click();
  return Boolean(button);
}

const STEPS = { n: "next", p: "former" };
const ARROWS = { ArrowRight: "next", ArrowLeft: "former" };

function onKey(event) {
  const panel = document.querySelector(PANEL);
  if (!panel || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  const inside = panel.contains(document.activeElement);
  const elsewhere = document.querySelector("[data-testid='stDialog'], [data-testid='stPopoverBody']");
  if (elsewhere || (isTyping(event.target) && event.key !== "Escape") || (isTyping(event.target) && !inside)) return;
  const scrolls = document.activeElement?.closest?.(".st-key-place-page");
  const step = STEPS[event.key] ?? (inside && !scrolls ? ARROWS[event.key] : undefined);
  const done = event.key === "Escape" ? press("close") : step ? press(step) : false;
  if (done) {
    event.preventDefault();
    event.stopImmediatePropagation(); // Escape would stop an answer, too
  } else if (event.key === "Tab" && panel.getAttribute("aria-modal") === "true") {
    stayInside(panel, event);
  }
}

function stayInside(panel, event) {
  const stops = [...panel.querySelectorAll("button:enabled, a[href], [tabindex='0']")].filter((one) => one.offsetParent);
  const end = event.shiftKey ? stops[0] : stops.at(-1);
  if (panel.contains(document.activeElement) && document.activeElement !== end) return;
  event.preventDefault();
  (event.shiftKey ? stops.at(-1) : stops[0])?.focus();
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const known = parentElement.dataset;
  if (data.newest && known.newest !== data.newest) {
    known.newest = data.newest;
    soon(`.st-key-turn-${CSS.escape(data.newest)}`, bringUp);
  }
  const before = known.shown ?? "";
  if (data.shown !== before) {
    known.shown = data.shown;
    if (data.shown) {
      const drawn = `${PANEL}:has([data-place="${CSS.escape(data.shown)}"]) .as-place-title`;
      soon(drawn, (title) => settle(title.closest(PANEL), !before), PATIENCE * 5);
    } else comeBack(before);
  }
  const onClick = (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-cite]") : null;
    if (button) setTriggerValue("open", button.dataset.cite);
  };
  const onKeyDown = (event) => onKey(event); // each its own: one that goes must not take that of the next along
  document.addEventListener("click", onClick);
  document.addEventListener("keydown", onKeyDown, true);
  return () => {
    document.removeEventListener("click", onClick);
    document.removeEventListener("keydown", onKeyDown, true);
  };
}
