// The keys of the chat. They press the buttons that are there, so what cannot be clicked cannot be typed either, and
// they leave whoever types in another field alone.
const FIELD = '[data-testid="stChatInputTextArea"]';
const TYPING = 'input, textarea, select, [contenteditable="true"], [role="combobox"], [role="listbox"], [role="slider"]';
const OVER = '[role="dialog"]:not([aria-modal="false"]), [data-testid="stPopoverBody"], [role="listbox"]';

function press(selector) {
  const there = [...document.querySelectorAll(selector)].filter((one) => !one.disabled && one.offsetParent !== null);
  const last = there.at(-1);
  if (last) last.click();
  return Boolean(last);
}

function focus() {
  const field = document.querySelector(FIELD);
  if (!field || field.disabled) return false;
  field.focus();
  return true;
}

function act(event, setTriggerValue) {
  const target = event.target instanceof Element ? event.target : document.body;
  const inField = target.matches(FIELD);
  const elsewhere = !inField && Boolean(target.closest(TYPING));
  const covered = [...document.querySelectorAll(OVER)].some((one) => one.checkVisibility());
  const command = (event.ctrlKey || event.metaKey) && !event.altKey;
  const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
  if (elsewhere || event.isComposing || event.repeat) return false;
  if (command && event.shiftKey) return event.key.toLowerCase() === "o" && !covered && press(".st-key-new-chat button");
  if (command) return event.key.toLowerCase() === "k" && !covered && focus();
  if (!plain || covered) return false;
  if (event.key === "Escape") return press(".st-key-stop button");
  if (inField) return event.key === "ArrowUp" && target.value === "" && press('[class*="st-key-edit-"] button');
  if (event.key === "/") return focus();
  if (event.key !== "?") return false;
  setTriggerValue("help", true);
  return true;
}

// The one listener stays for as long as the page does: Streamlit takes this component away and puts it back while a run is
// given up for another, and what is typed in between counts. It speaks to Python by what the newest of them was given.
export default function (component) {
  const held = (window.assistantKeys ??= { tell: null, act: null });
  const isFirst = held.act === null;
  held.tell = component.setTriggerValue;
  held.act = act;
  if (!isFirst) return;
  document.addEventListener("keydown", (event) => {
    if (!event.defaultPrevented && held.act(event, held.tell)) event.preventDefault();
  });
}
