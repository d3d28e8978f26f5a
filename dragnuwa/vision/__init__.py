"""What pictures and videos show: objects (`segmentation`), their edges (`matting`) and motion (`tracking`); what may
be behind them (`inpainting`)."""
