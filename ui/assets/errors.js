// Brings into view what went wrong with what was just done: a form's button may be the last thing on the screen, and its
// error below it. style.css animates errors for a moment, which tells when one is drawn. Errors that come by themselves
// move nothing.
const RECENT = 30000; // ms in which an error belongs to what was done last

function note() {
  window.assistantActed = performance.now();
}

export default function () {
  if (window.assistantActed !== undefined) return; // the listeners stay for as long as the page does
  window.assistantActed = -Infinity;
  document.addEventListener("click", note, true);
  document.addEventListener("keydown", (event) => event.key === "Enter" && note(), true);
  document.addEventListener("animationstart", (event) => {
    if (event.animationName !== "as-said" || performance.now() - window.assistantActed > RECENT) return;
    const box = event.target.getBoundingClientRect();
    if (box.top < 0 || box.bottom > window.innerHeight) event.target.scrollIntoView({ block: "center" });
  });
}
