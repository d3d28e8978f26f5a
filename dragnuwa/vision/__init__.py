"""What pictures and videos show: objects (`segmentation`) and motion (`tracking`)."""
