// Takes files that are dropped anywhere on the chat, and not only on the question's field: it hands them to the field's
// own chooser. What another field for files takes is left to that. The listeners stay for as long as the page does.
const FIELD = '[data-testid="stChatInput"]';
const OTHERS = '[data-testid="stFileUploaderDropzone"], [role="dialog"]';

function chooser(event) {
  if (!event.dataTransfer?.types.includes("Files")) return null;
  if (event.target instanceof Element && event.target.closest(`${FIELD}, ${OTHERS}`)) return null;
  const input = document.querySelector(`${FIELD} input[type="file"]`);
  return input && !input.disabled && !document.querySelector(`${FIELD} textarea:disabled`) ? input : null;
}

function over(event) {
  const input = chooser(event);
  document.body.classList.toggle("as-dropping", Boolean(input));
  if (!input) return;
  event.preventDefault(); // else the browser opens the file in the place of the page
  event.dataTransfer.dropEffect = "copy";
}

function drop(event) {
  const input = chooser(event);
  document.body.classList.remove("as-dropping");
  if (!input) return;
  event.preventDefault();
  const files = [...event.dataTransfer.files];
  const taken = new DataTransfer();
  for (const file of input.multiple ? files : files.slice(0, 1)) taken.items.add(file);
  input.files = taken.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

function leave(event) {
  if (!event.relatedTarget) document.body.classList.remove("as-dropping"); // it leaves the window
}

export default function () {
  if (window.assistantDrops) return;
  window.assistantDrops = true;
  document.addEventListener("dragover", over);
  document.addEventListener("drop", drop);
  document.addEventListener("dragleave", leave);
}
