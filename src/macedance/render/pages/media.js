"use strict";

function bytesOf(base64) {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

function mediaUrl(base64, type) {
  return URL.createObjectURL(new Blob([bytesOf(base64)], { type }));
}
