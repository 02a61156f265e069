// Shows the card of a citation beside its number while the pointer or the focus stays there: what the list of sources
// says of it at once, and the words around the quote as soon as Python has read them. Text goes in as text only.
const CARD = "as-peek";
const DWELL = 400; // ms before the words around are asked for
const LEAVE = 200; // ms in which the pointer may go over to the card

const state = { target: "", asking: 0, leaving: 0 };

function hide() {
  clearTimeout(state.asking);
  clearTimeout(state.leaving);
  document.querySelector(`[aria-describedby="${CARD}"]`)?.removeAttribute("aria-describedby");
  document.getElementById(CARD)?.remove();
  state.target = "";
}

function show(number, ask) {
  const target = number.dataset.cite;
  clearTimeout(state.leaving);
  if (state.target === target && document.getElementById(CARD)) return;
  hide();
  const listed = document.querySelector(`.as-card[data-cite="${CSS.escape(target)}"]`);
  if (!listed) return; // the answer is still being written
  const card = document.createElement("div");
  card.id = CARD;
  card.className = "as-peek";
  card.setAttribute("role", "tooltip");
  card.append(...[...listed.childNodes].map((one) => one.cloneNode(true)));
  card.addEventListener("mouseenter", () => clearTimeout(state.leaving));
  card.addEventListener("mouseleave", leave);
  document.body.append(card);
  number.setAttribute("aria-describedby", CARD);
  state.target = target;
  place(card, number);
  state.asking = setTimeout(() => ask(target), DWELL);
}

function place(card, number) {
  const at = number.getBoundingClientRect();
  const left = Math.min(Math.max(8, at.left - 24), window.innerWidth - card.offsetWidth - 8);
  const above = at.top - card.offsetHeight - 8;
  card.style.left = `${left}px`;
  card.style.top = `${above > 8 ? above : at.bottom + 8}px`;
}

function leave() {
  clearTimeout(state.leaving);
  state.leaving = setTimeout(hide, LEAVE);
}

function fill(found) {
  const card = document.getElementById(CARD);
  const quote = card?.querySelector(".as-quote");
  if (!quote || found.target !== state.target || card.dataset.filled === found.target) return;
  if (found.gone) quote.textContent = found.gone;
  else if (found.quote) {
    const marked = document.createElement("mark");
    marked.textContent = found.quote;
    quote.replaceChildren(found.before, marked, found.after);
  } else return;
  card.dataset.filled = found.target;
  const number = document.querySelector(`[aria-describedby="${CARD}"]`);
  if (number) place(card, number);
}

export default function (component) {
  const { data, setTriggerValue } = component;
  const ask = (target) => setTriggerValue("look", target);
  fill(data);
  const numberAt = (event) => (event.target instanceof Element ? event.target.closest("button.as-cite") : null);
  const onOver = (event) => {
    const number = event.pointerType === "mouse" ? numberAt(event) : null;
    if (number) show(number, ask);
    else if (state.target && !event.target.closest?.(`#${CARD}`)) leave();
  };
  const onFocus = (event) => {
    const number = numberAt(event);
    if (number?.matches(":focus-visible") && !document.body.dataset.asQuiet) show(number, ask);
  };
  const onEscape = (event) => {
    if (event.key !== "Escape" || !document.getElementById(CARD)) return;
    hide();
    event.stopImmediatePropagation();
  };
  // each its own: one that goes must not take that of the next along
  const onLeave = () => leave();
  const onEnd = () => hide();
  const listeners = [["pointerover", onOver], ["focusin", onFocus], ["focusout", onLeave], ["click", onEnd]];
  for (const [name, listener] of listeners) document.addEventListener(name, listener);
  window.addEventListener("keydown", onEscape, true); // before the panel's and the page's own keys
  document.addEventListener("scroll", onEnd, { capture: true, passive: true });
  return () => {
    for (const [name, listener] of listeners) document.removeEventListener(name, listener);
    window.removeEventListener("keydown", onEscape, true);
    document.removeEventListener("scroll", onEnd, { capture: true });
  };
}
