// Fetches the timelines once a second; what has not changed is left alone, so that reading is not disturbed.
const timelines = document.getElementById("timelines");
let shown = "";

async function refresh() {
  try {
    const answer = await fetch("/timelines");
    const fresh = await answer.text();
    if (answer.ok && fresh !== shown) {
      timelines.innerHTML = shown = fresh;
    }
  } catch {
    return; // the rehearsal is over; the last timelines stay
  }
  setTimeout(refresh, 1000);
}

refresh();
