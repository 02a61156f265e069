// Copies an answer when its button is clicked, and brings the end of a chat into view that is opened. The buttons stand in HTML that Streamlit has sanitised (see
// ui/views/turn_actions.py), so the listener sits on the document and looks for data-copy.
const SHOWN = 2000; // milliseconds that a button says what it did
const PATIENCE = 40; // times 50 ms: a turn may not be drawn yet

async function copy(text) {
  if (navigator.clipboard && window.isSecureContext) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const field = document.createElement("textarea"); // without https a browser has no clipboard to write to
  field.value = text;
  field.style.position = "fixed";
  field.style.opacity = "0";
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  if (!done) throw new Error("not copied");
}

function say(region, text) {
  region.textContent = "";
  setTimeout(() => (region.textContent = text), 50); // a reader announces what is new
}

function bringUp(turn, attempts) {
  const element = document.querySelector(`.st-key-turn-${CSS.escape(turn)}`);
  if (element) element.scrollIntoView({ block: "start" });
  else if (attempts > 0) setTimeout(() => bringUp(turn, attempts - 1), 50);
}

// Brings up a turn when what it depends on is another than before.
function follow(parentElement, name, now, turn) {
  if (!now || parentElement.dataset[name] === now) return;
  parentElement.dataset[name] = now;
  setTimeout(() => bringUp(turn, PATIENCE), 50);
}

export default function (component) {
  const { data, parentElement } = component;
  follow(parentElement, "opened", data.opened, data.last);
  follow(parentElement, "anchor", data.anchor, data.anchor);
  let region = parentElement.querySelector("[role=status]");
  if (!region) {
    region = document.createElement("div");
    region.setAttribute("role", "status");
    region.className = "as-hidden";
    parentElement.append(region);
  }
  const listen = async (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-copy]") : null;
    if (!button) return;
    const icon = button.querySelector(".as-icon");
    let said = data.copied;
    try {
      await copy(button.dataset.copy);
    } catch {
      said = data.failed;
    }
    button.title = said;
    say(region, said);
    if (icon) icon.textContent = said === data.copied ? "check" : "error";
    setTimeout(() => {
      button.title = button.ariaLabel;
      if (icon) icon.textContent = "content_copy";
    }, SHOWN);
  };
  document.addEventListener("click", listen);
  return () => document.removeEventListener("click", listen);
}
