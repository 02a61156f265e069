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
  if (command && event.shiftKey) return event.key.toLowerCase() === "o" && press(".st-key-new-chat button");
  if (command) return event.key.toLowerCase() === "k" && !covered && focus();
  if (!plain || covered) return false;
  if (event.key === "Escape") return press(".st-key-stop button");
  if (inField) return event.key === "ArrowUp" && target.value === "" && press('[class*="st-key-edit-"] button');
  if (event.key === "/") return focus();
  if (event.key !== "?") return false;
  setTriggerValue("help", true);
  return true;
}

export default function (component) {
  const { setTriggerValue } = component;
  const listen = (event) => {
    if (!event.defaultPrevented && act(event, setTriggerValue)) event.preventDefault();
  };
  document.addEventListener("keydown", listen);
  return () => document.removeEventListener("keydown", listen);
}
