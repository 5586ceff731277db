"use strict";

/** A canvas made as sharp as the screen, cleared, and the page's colours. */
function prepare(canvas) {
  const ratio = window.devicePixelRatio || 1;
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== wide || canvas.height !== high) [canvas.width, canvas.height] = [wide, high];
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  const style = getComputedStyle(document.documentElement);
  return { context, width, height, color: (name) => style.getPropertyValue(`--${name}`) };
}

/** Sound, music beats, body speed and motion beats over time, and where we are. */
function drawPlot(canvas, clip, now) {
  const area = prepare(canvas);
  area.bottom = area.height - 16;
  area.x = (seconds) => (seconds / clip.seconds) * area.width;
  drawSeconds(area, clip.seconds);
  if (clip.peaks) drawSound(area, clip.peaks);
  for (const beat of clip.musicBeats) drawLine(area, area.x(beat), "music-beat", 1);
  if (clip.speed) drawSpeed(area, clip);
  drawLine(area, Math.min(Math.max(area.x(now), 1), area.width - 1), "playhead", 2);
}

function drawSeconds({ context, color, height, x }, seconds) {
  context.fillStyle = color("soft");
  context.font = "10px system-ui, sans-serif";
  context.textBaseline = "bottom";
  const step = seconds > 20 ? 5 : 1;
  for (let second = 0; second < seconds; second += step) {
    context.textAlign = second ? "center" : "left";
    if (seconds - second > step / 3) context.fillText(`${second} s`, x(second), height);
  }
}

function drawSound({ context, color, width, bottom }, peaks) {
  const middle = bottom / 2;
  context.fillStyle = color("sound");
  peaks.forEach((peak, index) => {
    const half = Math.max(0.5, (peak / 100) * (middle - 2));
    context.fillRect((index / peaks.length) * width, middle - half, width / peaks.length + 0.3, 2 * half);
  });
}

function drawLine({ context, color, bottom }, x, name, width) {
  context.fillStyle = color(name);
  context.fillRect(x - width / 2, 0, width, bottom);
}

/** Body speed with motion beats, over that of another dance, dashed, if there is one. */
function drawSpeed({ context, color, bottom, x }, { speed, fps, motionBeats, other }) {
  const fastest = Math.max(...speed, ...(other?.speed ?? []), 1e-6);
  const y = (value) => bottom - 4 - (value / fastest) * (bottom - 16);
  const drawCurve = (curve, name) => {
    context.strokeStyle = color(name);
    context.lineWidth = 2;
    context.lineJoin = "round";
    context.beginPath();
    curve.speed.forEach((value, frame) => context.lineTo(x(frame / curve.fps), y(value)));
    context.stroke();
  };
  if (other?.speed) {
    context.setLineDash([4, 4]);
    drawCurve(other, "true-speed");
    context.setLineDash([]);
  }
  drawCurve({ speed, fps }, "speed");
  context.fillStyle = color("motion-beat");
  for (const beat of motionBeats) {
    context.beginPath();
    context.arc(x(beat), y(speed[Math.round(beat * fps)]), 4, 0, 2 * Math.PI);
    context.fill();
  }
  context.fillStyle = color("speed");
  context.textAlign = "right";
  context.textBaseline = "top";
  context.fillText(`${fastest.toFixed(1)} m/s`, context.canvas.clientWidth - 3, 1);
}
