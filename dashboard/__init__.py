"""What you see: pages over what the store knows. The only folder that knows Streamlit, pandas and Plotly."""
